"""The route of the languages."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get
from townos.i18n import populated
from townos.settings.locales import COMMON_LANGUAGES, EXTENDED_LOCALES, Locale


class LocaleObject(msgspec.Struct, frozen=True):
    """A language as it goes out."""

    code: str
    native_name: str
    english_name: str


class Locales(msgspec.Struct, frozen=True):
    """What is chosen and what can be: only populated locales have translations."""

    current: str
    populated: list[str]
    common_languages: list[LocaleObject]
    extended_locales: list[LocaleObject]


def routes(current: Callable[[], str]) -> Routes:
    """Return the routes of this area. `current` gives the chosen locale, populated or not."""

    async def locales(_: Call) -> Locales:
        return Locales(current(), list(populated()), _COMMON, _EXTENDED)

    return (get("/locales", locales, Auth.SESSION),)


def _objects(locales: Iterable[Locale]) -> list[LocaleObject]:
    return [LocaleObject(locale.code, locale.native_name, locale.english_name) for locale in locales]


_COMMON: Final = _objects(COMMON_LANGUAGES)
_EXTENDED: Final = _objects(EXTENDED_LOCALES)

"""The message catalogues: keys with dots for namespaces, a package of modules for each locale.

Only en-US is populated. A catalogue is read at the first message, so importing this costs nothing.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Protocol, cast

DEFAULT_LOCALE: Final = "en-US"
CATALOGUES: Final[Mapping[str, str]] = {DEFAULT_LOCALE: "townos.i18n.en_us"}
"""The package that holds the messages of each populated locale, by BCP 47 code."""


class _Catalogue(Protocol):
    def messages(self) -> Mapping[str, str]: ...


def populated() -> tuple[str, ...]:
    """Return the codes of the locales that have a catalogue."""
    return tuple(CATALOGUES)


def lookup(locale: str, key: str) -> str | None:
    """Return the text of a key in a locale, else in the default one; None for an unknown key."""
    return _messages(locale).get(key) or _messages(DEFAULT_LOCALE).get(key)


def _messages(locale: str) -> Mapping[str, str]:
    package = CATALOGUES.get(locale)
    return _load(package) if package else {}


@cache
def _load(package: str) -> Mapping[str, str]:
    return cast("_Catalogue", import_module(package)).messages()

"""The message catalogue: keys with dots for namespaces, a package of modules for each locale.

Only en-US is populated. A catalogue is read at the first message, so importing this costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final, Protocol, cast

from townos.i18n.sprintf import sprintf

DEFAULT_LOCALE: Final = "en-US"
CATALOGUES: Final[Mapping[str, str]] = {DEFAULT_LOCALE: "townos.i18n.en_us"}
"""The package that holds the messages of each populated locale, by BCP 47 code."""


class _Catalogue(Protocol):
    def messages(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Term:
    """A text of the catalogue as the parameter of another one, looked up in the reader's language only then."""

    key: str
    params: tuple[object, ...] = ()

    def __str__(self) -> str:
        return T(DEFAULT_LOCALE, self.key, *self.params)


def T(locale: str, key: str, *args: object) -> str:  # noqa: N802 - the name that the specification gives
    """Return the text of `key` in `locale`, else in en-US, else the key itself.

    With arguments, Go's verbs in the text (`%s %d %v %q %%`) are filled in; without, the text is returned as it is. An
    argument that is a `Term` is told in the same locale.
    """
    text = _messages(locale).get(key) or _messages(DEFAULT_LOCALE).get(key)
    if text is None:
        return key
    return sprintf(text, [_argument(locale, arg) for arg in args]) if args else text


def _argument(locale: str, arg: object) -> object:
    return T(locale, arg.key, *arg.params) if isinstance(arg, Term) else arg


def populated() -> tuple[str, ...]:
    """Return the codes of the locales that have a catalogue."""
    return tuple(CATALOGUES)


@cache
def _load(package: str) -> Mapping[str, str]:
    return cast("_Catalogue", import_module(package)).messages()


def _messages(locale: str) -> Mapping[str, str]:
    package = CATALOGUES.get(locale)
    return _load(package) if package else {}

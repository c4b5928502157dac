"""Parameters of messages that are more than text: they stay data until they are shown, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from townos.i18n.catalogue import DEFAULT_LOCALE, lookup
from townos.i18n.sprintf import sprintf

_STEP: Final = 1024
_DIGITS: Final = 3
"""How many digits a size has at most; larger whole numbers keep all of theirs. The page has the same rule."""
_SIZES: Final = ("size.b", "size.kb", "size.mb", "size.gb", "size.tb")
_PLAIN: Final = ""


def T(locale: str, key: str, *args: object) -> str:  # noqa: N802 - the name that the specification gives
    """Return the text of `key` in `locale`, else in en-US, else the key itself.

    With arguments, Go's verbs in the text (`%s %d %v %q %%`) are filled in; without, the text is returned as it is. A
    typed argument, such as a `Term` or `Bytes`, is shown in the same locale.
    """
    text = lookup(locale, key)
    if text is None:
        return key
    return sprintf(text, [_shown(locale, arg) for arg in args]) if args else text


def _shown(locale: str, arg: object) -> object:
    return arg.text(locale) if isinstance(arg, Term | Bytes | Seconds) else arg


def _localized(locale: str, number: str) -> str:
    return number.replace(".", T(locale, "number.decimal"))


@dataclass(frozen=True, slots=True)
class Bytes:
    """An amount of bytes, shown in the largest unit that leaves at least 1 of it: `1.5 GB`. A GB has 1024**3 bytes."""

    count: int

    def text(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return it for a person."""
        power = 0
        while round(abs(self.count) / _STEP**power) >= _STEP and power < len(_SIZES) - 1:
            power += 1
        amount = self.count / _STEP**power
        whole = round(amount)
        number = f"{amount:.{_DIGITS}g}" if abs(whole) < 10**_DIGITS else str(whole)
        unit = "size.byte" if abs(self.count) == 1 else _SIZES[power]
        return T(locale, unit, _localized(locale, number))

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Seconds:
    """A duration, shown in seconds, minutes or hours."""

    count: float

    def text(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return it for a person."""
        for unit, seconds in (("hours", 3_600), ("minutes", 60)):
            if self.count >= 2 * seconds and self.count % seconds == 0:
                return T(locale, f"duration.{unit}", f"{self.count / seconds:.0f}")
        number = f"{self.count:.2f}".rstrip("0").rstrip(".")
        return T(locale, "duration.second" if self.count == 1 else "duration.seconds", _localized(locale, number))

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Term:
    """A text of the catalogue with its parameters: a message, or a parameter of another one."""

    key: str
    params: tuple[object, ...] = ()

    @classmethod
    def plain(cls, text: str) -> Self:
        """Return a text that is in no catalogue, such as the words of another program."""
        return cls(_PLAIN, (text,))

    def text(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return it for a person."""
        if self.key == _PLAIN:
            return "".join(str(_shown(locale, param)) for param in self.params)
        return T(locale, self.key, *self.params)

    def __str__(self) -> str:
        return self.text()


def to_data(value: object) -> Any:
    """Return a parameter as JSON can hold it: text and numbers as they are, all others as an object of one key."""
    match value:
        case Bytes():
            return {"bytes": value.count}
        case Seconds():
            return {"seconds": value.count}
        case Term():
            return {"term": term_data(value)}
        case bool() | int() | float() | None:
            return value
        case _:
            return str(value)


def term_data(term: Term) -> Mapping[str, Any]:
    """Return a term as JSON can hold it, `{"code": …, "params": […]}`."""
    return {"code": term.key, "params": [to_data(param) for param in term.params]}


def term_from(data: object) -> Term:
    """Read what `term_data` returned; text, as an older version stored it, and anything else is plain."""
    match data:
        case {"code": str(key), "params": list(params)}:
            return Term(key, tuple(map(_from_data, params)))
        case _:
            return Term.plain(str(data))


def _from_data(data: object) -> object:
    match data:
        case {"bytes": int(count)}:
            return Bytes(count)
        case {"seconds": int(count) | float(count)}:
            return Seconds(count)
        case {"term": term}:
            return term_from(term)
        case _:
            return data


def joined(terms: Sequence[Term], separator: str = "; ") -> Term:
    """Return one term for several, or the only one."""
    if len(terms) == 1:
        return terms[0]
    parts: list[object] = []
    for term in terms:
        parts += [separator, term] if parts else [term]
    return Term(_PLAIN, tuple(parts))

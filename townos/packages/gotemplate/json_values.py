"""JSON as Go's values."""

import re
from typing import Any, Final

from townos.packages.gotemplate.routines import Routine, run
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Value

_INT_BITS: Final = 63
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def from_json(value: object) -> Value:
    """Return what the standard library's `json` read, as Go's values.

    An integer is an `int`; one that does not fit it, like all other numbers, is a `float64`. Half of a surrogate pair
    is U+FFFD. Raises `ValueError` for a number that is too large even for that, and for what is not JSON.
    """
    return run(_from_json(value))


def _from_json(value: object) -> Routine[Value]:
    if isinstance(value, dict):
        entries: dict[bytes, Value] = {}
        for key, entry in value.items():
            entries[utf_8(key)] = yield _from_json(entry)
        return Map(entries)
    if isinstance(value, list):
        elements: list[Value] = []
        for element in value:
            member: Value = yield _from_json(element)
            elements.append(member)
        return Slice.of(elements)
    return _scalar(value)


def _scalar(value: Any) -> Value:
    match value:
        case None | bool():
            scalar: bool | None = value
            return scalar
        case str():
            return utf_8(value)
        case int() if -(1 << _INT_BITS) <= value < 1 << _INT_BITS:
            return Number(Kind.INT, value)
        case int() | float():
            return Number(Kind.FLOAT64, _finite(value))
    raise ValueError(f"{type(value).__name__} is not of JSON")


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if abs(number) == float("inf") or number != number:  # noqa: PLR0124 (NaN differs from itself)
        raise ValueError("a number of JSON is finite, and fits a float64")
    return number


def utf_8(value: str) -> bytes:
    """Return a text as bytes. Half of a surrogate pair, which JSON can spell, is U+FFFD."""
    return _SURROGATE.sub("\ufffd", value).encode()

"""What is wrong with an input, field by field, told in our own words instead of msgspec's."""

import re
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, Final

import msgspec

from townos.api.wire.shapes import parts
from townos.errors import FieldError, Invalid
from townos.i18n import Term

Convert = Callable[[object, Any], object]
"""Turns a value into a type. Raises `msgspec.ValidationError`."""


def invalid(value: object, kind: Any, convert: Convert) -> Invalid:
    """Return the error that names every wrong field of `value`."""
    faults = list(_faults(value, kind, "", convert))
    return Invalid("http.invalid_input", ", ".join(fault.name for fault in faults), fields=faults)


def _faults(value: object, kind: Any, path: str, convert: Convert) -> Iterator[FieldError]:
    """Yield what is wrong, at the deepest place that can be named."""
    try:
        convert(value, kind)
    except msgspec.ValidationError as error:
        inner = [fault for place, part, of in parts(value, kind, path) for fault in _faults(part, of, place, convert)]
        yield from inner or [_fault(path or "body", str(error))]


def _fault(name: str, message: str) -> FieldError:
    """Return the fault that one of msgspec's sentences tells of."""
    for pattern, code, read in _SENTENCES:
        if match := pattern.match(message):
            return FieldError(name, code, tuple(read(group) for group in match.groups()))
    return FieldError(name, "http.field_invalid")


def _kind(names: str) -> Term:
    """Return what people call a type, or a choice of types."""
    terms = [Term(f"http.kind.{name}") if name in _KINDS else Term("http.kind.other") for name in names.split(" | ")]
    return reduce(lambda one, other: Term("http.kind.or", (one, other)), terms)


_KINDS: Final = frozenset({"array", "bool", "float", "int", "null", "object", "str"})
_SENTENCES: Final[tuple[tuple[re.Pattern[str], str, Callable[[str], object]], ...]] = (
    (re.compile(r"Expected `([^`]+)`, got `([^`]+)`"), "http.field_expected", _kind),
    (re.compile(r"Expected `(?:int|float)` >= (-?\d+)"), "http.field_at_least", int),
    (re.compile(r"Expected `(?:int|float)` <= (-?\d+)"), "http.field_at_most", int),
    (re.compile(r"Expected `str` of length <= (\d+)"), "http.field_too_long", int),
    (re.compile(r"Expected `str` matching regex"), "http.field_control", str),
    (re.compile(r"Object missing required field"), "http.field_missing", str),
)

"""`eq`, `ne`, `lt`, `le`, `gt` and `ge`."""

from collections.abc import Sequence
from enum import Enum, auto

from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.results import NoValue, Result, type_name, unwrapped
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct


class _Basic(Enum):
    """What can be compared with its like. All integers are alike."""

    BOOL = auto()
    STRING = auto()
    INTEGER = auto()
    FLOAT = auto()
    COMPLEX = auto()


_ORDERED = (_Basic.STRING, _Basic.INTEGER, _Basic.FLOAT)


def eq(arguments: Sequence[Result]) -> bool:
    """Tell whether the first argument equals any of the others. Those behind the first that does are not looked at."""
    first, *others = map(unwrapped, arguments)
    if not others:
        raise Refused("a comparison needs two arguments")
    return any(_equal(first, other) for other in others)


def ne(arguments: Sequence[Result]) -> bool:
    """Tell whether two arguments differ."""
    return not eq(arguments)


def lt(arguments: Sequence[Result]) -> bool:
    """Tell whether the first argument comes before the second."""
    first, second = map(unwrapped, arguments)
    kind = _basic(first)
    if kind not in _ORDERED:
        raise Refused(f"values of type {type_name(first)} have no order")
    if kind is not _basic(second):
        raise _incompatible(first, second)
    if isinstance(first, bytes) and isinstance(second, bytes):
        return first < second
    assert isinstance(first, Number)
    assert isinstance(second, Number)
    assert not isinstance(first.value, complex)
    assert not isinstance(second.value, complex)
    return first.value < second.value


def le(arguments: Sequence[Result]) -> bool:
    """Tell whether the first argument comes before the second or equals it."""
    return lt(arguments) or eq(arguments)


def gt(arguments: Sequence[Result]) -> bool:
    """Tell whether `le` is false."""
    return not le(arguments)


def ge(arguments: Sequence[Result]) -> bool:
    """Tell whether `lt` is false."""
    return not lt(arguments)


def _basic(result: Result) -> _Basic | None:
    match result:
        case bool():
            return _Basic.BOOL
        case bytes():
            return _Basic.STRING
        case Number(kind=Kind.FLOAT64):
            return _Basic.FLOAT
        case Number(kind=Kind.COMPLEX128):
            return _Basic.COMPLEX
        case Number():
            return _Basic.INTEGER
    return None


def _equal(first: Result, second: Result) -> bool:
    if isinstance(first, NoValue) or isinstance(second, NoValue):
        return first is second
    kind = _basic(first)
    if kind is not _basic(second):
        raise _incompatible(first, second)
    if kind is None:
        return _structs_equal(first, second)
    if isinstance(first, Number) and isinstance(second, Number):
        return first.value == second.value
    return first == second


def _structs_equal(first: Result, second: Result) -> bool:
    """Compare what is no basic value. Maps and slices never compare, structs do if they hold none of those."""
    if type(first) is not type(second):
        raise _incompatible(first, second)
    if not isinstance(first, Struct) or not isinstance(second, Struct):
        raise Refused(f"values of type {type_name(first)} cannot be compared")
    if any(isinstance(value, Map | Slice) for value in second.fields.values()):
        raise Refused(f"values of type {second.name} cannot be compared")
    if first.name != second.name or first.fields.keys() != second.fields.keys():
        return False
    return all(_fields_equal(value, second.fields[name]) for name, value in first.fields.items())


def _fields_equal(first: Result, second: Result) -> bool:
    """Compare as Go's `==` does: values of two types differ."""
    if isinstance(first, Struct) and isinstance(second, Struct):
        return _structs_equal(first, second)
    if type_name(first) != type_name(second):
        return False
    return first == second


def _incompatible(first: Result, second: Result) -> Refused:
    return Refused(f"a {type_name(first)} and a {type_name(second)} cannot be compared")

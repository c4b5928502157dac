"""What an expression gives, and what can be done with it.

Go tells a `nil` that an interface holds, as `null` in JSON, from no value at all, as a key that a map does not have: a
field of the first is an error, a field of the second is no value again. Whatever passes a pipeline or a variable loses
that difference.
"""

from enum import Enum
from typing import Final

from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct, Value


class NoValue(Enum):
    """The type of `NO_VALUE`."""

    NO_VALUE = "<no value>"


NO_VALUE: Final = NoValue.NO_VALUE
Result = Value | NoValue

_TYPE_NAMES: Final = {bool: "bool", bytes: "string", Slice: "[]interface {}", Map: "map[string]interface {}"}
_INTEGERS: Final = (Kind.INT, Kind.INT32, Kind.UINT8)


def unwrapped(result: Result) -> Result:
    """Forget the interface around a value."""
    return NO_VALUE if result is None else result


def as_interface(result: Result) -> Value:
    """Put a value into an interface."""
    return None if isinstance(result, NoValue) else result


def is_true(result: Result) -> bool:
    """Tell whether a value is not the zero of its type. Structs are always true."""
    match result:
        case Number():
            return result.value != 0
        case Slice():
            return len(result.elements) > 0
        case Map():
            return len(result.entries) > 0
        case Struct():
            return True
        case NoValue():
            return False
    return bool(result)


def is_integer(result: Result) -> bool:
    """Tell whether a value is a number of an integer type."""
    return isinstance(result, Number) and result.kind in _INTEGERS


def type_name(result: Result) -> str:
    """Name a value's type as Go does."""
    match result:
        case Number():
            return result.kind
        case Struct():
            return result.name
    return _TYPE_NAMES.get(type(result), "nil")


def field_of(receiver: Result, name: bytes, *, has_arguments: bool) -> Result:
    """Return a field of a struct or an entry of a map. Raises `Refused`."""
    if isinstance(receiver, NoValue):
        return NO_VALUE
    shown = name.decode("utf-8", "replace")
    found: Result
    match receiver:
        case None:
            raise Refused(f"nil has no field {shown}")
        case Map():
            found = receiver.entries.get(name, NO_VALUE)
        case Struct() if shown in receiver.fields:
            found = receiver.fields[shown]
        case _:
            raise Refused(f"a value of type {type_name(receiver)} has no field {shown}")
    if has_arguments:
        raise Refused(f"{shown} is not a function but has arguments")
    return found

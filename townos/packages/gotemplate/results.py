"""What an expression gives, and what can be done with it.

Entries of a map and elements of a loop come in an interface. Go tells a `nil` in there, as `null` in JSON, from no
value at all, as a key that a map does not have: a field of the first is an error, a field of the second is no value
again. And `slice` takes no index in an interface. Whatever passes a pipeline, with or without parentheses, loses its
interface.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct, Value


class NoValue(Enum):
    """The type of `NO_VALUE`."""

    NO_VALUE = "<no value>"


NO_VALUE: Final = NoValue.NO_VALUE


@dataclass(frozen=True, slots=True)
class Interface:
    """A value in an interface. An empty interface is `None`."""

    value: Value


Result = Value | NoValue | Interface

_TYPE_NAMES: Final = {bool: "bool", bytes: "string", Slice: "[]interface {}", Map: "map[string]interface {}"}
_INTEGERS: Final = (Kind.INT, Kind.UINT8)


def unwrapped(result: Result) -> Value | NoValue:
    """Take a value out of its interface."""
    if isinstance(result, Interface):
        return result.value
    return NO_VALUE if result is None else result


def in_interface(value: Value) -> Result:
    """Put a value into an interface, as an element of a list has."""
    return None if value is None else Interface(value)


def as_argument(result: Result) -> Value:
    """Return a value for a function that takes anything, as Go's fmt does."""
    value = unwrapped(result)
    return None if isinstance(value, NoValue) else value


def is_true(result: Result) -> bool:
    """Tell whether a value is not the zero of its type. Structs are always true."""
    match unwrapped(result):
        case Number(value=value):
            return value != 0
        case Slice() as elements:
            return len(elements) > 0
        case Map(entries=entries):
            return len(entries) > 0
        case bool(value) | bytes(value):
            return bool(value)
        case Struct():
            return True
    return False


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
    if isinstance(receiver, Interface):
        receiver = receiver.value
    shown = name.decode("utf-8", "replace")
    found: Result
    match receiver:
        case None:
            raise Refused(f"nil has no field {shown}")
        case Map():
            found = in_interface(receiver.entries[name]) if name in receiver.entries else NO_VALUE
        case Struct() if shown in receiver.fields:
            found = receiver.fields[shown]
        case _:
            raise Refused(f"a value of type {type_name(receiver)} has no field {shown}")
    if has_arguments:
        raise Refused(f"{shown} is not a function but has arguments")
    return found

"""`index`, `slice` and `len`. Strings are bytes here: an index counts bytes, an element is a byte."""

from collections.abc import Sequence

from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.results import NO_VALUE, Result, is_integer, type_name, unwrapped
from townos.packages.gotemplate.values import Kind, Map, Number, Slice

_MAX_SLICE_INDEXES = 3


def index(arguments: Sequence[Result]) -> Result:
    """Return `x[1][2][3]` for `x 1 2 3`. What a map does not have is `nil`."""
    item: Result = unwrapped(arguments[0])
    if item is NO_VALUE:
        raise Refused("nil has no elements")
    for key in arguments[1:]:
        item = _element(item, unwrapped(key))
    return item


def _element(item: Result, key: Result) -> Result:
    match item:
        case bytes():
            return Number(Kind.UINT8, item[_position(key, len(item) - 1)])
        case Slice():
            return item[_position(key, len(item) - 1)]
        case Map():
            if not isinstance(key, bytes):
                raise Refused(f"the keys of a map are strings, not of type {type_name(key)}")
            return item.entries.get(key)
    raise Refused(f"a value of type {type_name(item)} has no elements")


def _position(key: Result, highest: int) -> int:
    if not is_integer(key):
        raise Refused(f"an index is an integer, not of type {type_name(key)}")
    assert isinstance(key, Number)
    assert isinstance(key.value, int)
    if not 0 <= key.value <= highest:
        raise Refused(f"the index {key.value} is out of range")
    return key.value


def slice_(arguments: Sequence[Result]) -> Result:
    """Return `x[1:2:3]` for `x 1 2 3`; the last indexes may be left out. None may be in an interface."""
    item, keys = unwrapped(arguments[0]), arguments[1:]
    if len(keys) > _MAX_SLICE_INDEXES:
        raise Refused("a slice has at most three indexes")
    if isinstance(item, bytes):
        if len(keys) == _MAX_SLICE_INDEXES:
            raise Refused("a string has no capacity to limit")
        start, end, _ = _bounds(keys, len(item), len(item))
        return item[start:end]
    if not isinstance(item, Slice):
        raise Refused(f"a value of type {type_name(item)} cannot be sliced")
    return item.cut(*_bounds(keys, len(item), item.capacity))


def _bounds(keys: Sequence[Result], length_: int, capacity: int) -> tuple[int, int, int]:
    """Return where a slice starts, ends, and ends to have capacity."""
    given = [_position(key, capacity) for key in keys]
    bounds = [*given, *[0, length_, capacity][len(given) :]]
    if sorted(bounds) != bounds:
        raise Refused("the indexes of a slice must not fall")
    return bounds[0], bounds[1], bounds[2]


def length(arguments: Sequence[Result]) -> Number:
    """Return the number of bytes, elements or entries."""
    match unwrapped(arguments[0]):
        case bytes() | Slice() as item:
            return Number(Kind.INT, len(item))
        case Map(entries=entries):
            return Number(Kind.INT, len(entries))
    raise Refused(f"a value of type {type_name(arguments[0])} has no length")

"""Go's values as Python's.

| Go                        | here                                          |
| ------------------------- | --------------------------------------------- |
| `nil`, an empty interface | `None`                                        |
| `bool`                    | `bool`                                        |
| `string`                  | `bytes`: any bytes, for the most part UTF-8   |
| numbers                   | `Number`, with the kind that Go would give it |
| `[]any`                   | `Slice`                                       |
| `map[string]any`          | `Map`                                         |
| a struct                  | `Struct`, whose fields are fixed              |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type of a number. A character constant is an `int32`, an element of a string a `uint8`."""

    INT = "int"
    INT32 = "int32"
    UINT8 = "uint8"
    FLOAT64 = "float64"
    COMPLEX128 = "complex128"


@dataclass(frozen=True, slots=True)
class Number:
    """A number: an `int` within its kind's range, a `float` or a `complex`."""

    kind: Kind
    value: int | float | complex


@dataclass(frozen=True, slots=True)
class Slice:
    """A `[]any`. Its capacity is `len(elements) + spare`: what is left behind it of the array it was cut from."""

    elements: Sequence["Value"]
    spare: Sequence["Value"] = ()


@dataclass(frozen=True, slots=True)
class Map:
    """A `map[string]any`."""

    entries: Mapping[bytes, "Value"]


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct: `fields` in the order of its definition. A name that it does not have is an error."""

    name: str
    fields: Mapping[str, "Value"]


Value = None | bool | bytes | Number | Slice | Map | Struct

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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Kind(StrEnum):
    """The type of a number. A character constant is an `int`, an element of a string a `uint8`."""

    INT = "int"
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
    """A `[]any`: a span of an array, and how much of the array from its start on can be made part of it again."""

    array: Sequence["Value"]
    span: range
    capacity: int

    @classmethod
    def of(cls, elements: Sequence["Value"]) -> Self:
        """Return the slice of a whole array."""
        return cls(elements, range(len(elements)), len(elements))

    def __len__(self) -> int:
        return len(self.span)

    def __iter__(self) -> Iterator["Value"]:
        return map(self.array.__getitem__, self.span)

    def __getitem__(self, index: int) -> "Value":
        return self.array[self.span[index]]

    def cut(self, start: int, end: int, capacity: int) -> "Slice":
        """Return the elements from `start` to `end`, both counted from the start of this one, as is `capacity`."""
        first = self.span.start
        return Slice(self.array, range(first + start, first + end), capacity - start)


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

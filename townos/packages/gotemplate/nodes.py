"""The tree of a template. What can fail while it runs knows at which byte it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from townos.packages.gotemplate.constants import Overflow
from townos.packages.gotemplate.values import Value


@dataclass(frozen=True, slots=True)
class Constant:
    """A boolean, a number or a string."""

    value: Value | Overflow


@dataclass(frozen=True, slots=True)
class Nil:
    """The word `nil`."""


@dataclass(frozen=True, slots=True)
class Dot:
    """The cursor."""


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b`: fields of the cursor."""

    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name.a.b`: a variable, with its dollar sign, and fields of its value."""

    name: bytes
    path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).a.b`: fields of what a pipeline or a function without arguments gives."""

    origin: "Pipeline | Identifier"
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A function or an operand with its arguments."""

    operands: tuple["Operand", ...]
    position: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each of which takes the result of the one before it as its last argument."""

    commands: tuple[Command, ...]
    variables: tuple[bytes, ...]
    assigns: bool
    """Whether `=` sets variables that exist, and `:=` does not declare new ones."""


Operand = Constant | Nil | Dot | Field | Variable | Identifier | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Text:
    """Text outside of the actions."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Action:
    """A pipeline whose value is printed, unless it goes to a variable."""

    pipeline: Pipeline


class Leave(Enum):
    """What ends a turn of a loop early."""

    BREAK = auto()
    CONTINUE = auto()


@dataclass(frozen=True, slots=True)
class If:
    """`if`, and `else if` as one within the other's `otherwise`."""

    pipeline: Pipeline
    body: "Body"
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class With:
    """`with`, which moves the cursor."""

    pipeline: Pipeline
    body: "Body"
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class Range:
    """`range`."""

    pipeline: Pipeline
    body: "Body"
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class Invocation:
    """`template`, and what `block` leaves in its place."""

    name: bytes
    pipeline: Pipeline | None
    position: int


Node = Text | Action | Leave | If | With | Range | Invocation
Body = tuple[Node, ...]

NAME: Final = b"t"
"""The name of the template that is not within a definition."""


@dataclass(frozen=True, slots=True)
class Tree:
    """All templates of a text by their names, and the text itself, for the places of errors."""

    text: bytes
    templates: Mapping[bytes, Body]

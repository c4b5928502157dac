"""The tree of a template. Every node that can fail while it runs knows its line."""

from dataclasses import dataclass
from enum import Enum, auto

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
    line: int


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).a.b`: fields of what a pipeline or a function without arguments gives."""

    origin: "Pipeline | Identifier"
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A function or an operand with its arguments."""

    operands: tuple["Operand", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each of which takes the result of the one before it as its last argument."""

    commands: tuple[Command, ...]
    variables: tuple[bytes, ...]
    assigns: bool
    """Whether `=` sets variables that exist, and `:=` does not declare new ones."""
    line: int


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
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class With:
    """`with`, which moves the cursor."""

    pipeline: Pipeline
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`range`."""

    pipeline: Pipeline
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Invocation:
    """`template`, and what `block` leaves in its place."""

    name: bytes
    pipeline: Pipeline | None
    line: int


Node = Text | Action | Leave | If | With | Range | Invocation

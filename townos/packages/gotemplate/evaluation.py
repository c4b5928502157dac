"""Pipelines and their values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from townos.packages.gotemplate.constants import Overflow
from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.functions import DECISIVE, FUNCTIONS
from townos.packages.gotemplate.limits import Budget
from townos.packages.gotemplate.nodes import Chain, Constant, Dot, Field, Identifier, Nil, Operand, Pipeline, Variable
from townos.packages.gotemplate.results import NO_VALUE, NoValue, Result, field_of, is_true, unwrapped
from townos.packages.gotemplate.routines import Routine
from townos.packages.gotemplate.values import Value


class _Absence(Enum):
    """The type of `_ABSENT`."""

    ABSENT = "absent"


_ABSENT: Final = _Absence.ABSENT
"""What a command takes from the one before it if there is none."""

_Nested = Identifier | Chain | Pipeline
"""Operands that routines evaluate."""

_Plain = Constant | Nil | Dot | Field | Variable


@dataclass(slots=True)
class Frame:
    """One run of one template: its variables, innermost last, and how many templates it is within."""

    variables: list[tuple[bytes, Result]]
    depth: int = 0

    def lookup(self, name: bytes) -> Result:
        """Return a variable's value. Raises `Refused`."""
        return self.variables[self._position(name)][1]

    def assign(self, name: bytes, value: Result) -> None:
        """Set a variable that exists. Raises `Refused`."""
        self.variables[self._position(name)] = (name, value)

    def declare(self, name: bytes, value: Result) -> None:
        """Add a variable, which may hide another one."""
        self.variables.append((name, value))

    def mark(self) -> int:
        """Remember which variables there are."""
        return len(self.variables)

    def forget(self, mark: int) -> None:
        """Drop all variables that came since a mark."""
        del self.variables[mark:]

    def _position(self, name: bytes) -> int:
        for position in range(len(self.variables) - 1, -1, -1):
            if self.variables[position][0] == name:
                return position
        raise Refused(f"the variable {name.decode('utf-8', 'replace')} is not set yet")


class Evaluator:
    """Evaluates pipelines within a budget. Raises `Refused` where Go has an error."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.position = 0
        """The byte of the template where the run is, for errors."""

    def pipeline(self, frame: Frame, dot: Result, pipeline: Pipeline) -> Routine[Value | NoValue]:
        """Return the value of a pipeline, and set or declare its variables."""
        final: Value | NoValue | _Absence = _ABSENT
        for command in pipeline.commands:
            self._budget.step()
            self.position = command.position
            first = command.operands[0]
            value: Result
            if isinstance(first, _Nested):
                value = yield self._nested(frame, dot, first, command.operands[1:], final)
            else:
                has_arguments = len(command.operands) > 1 or final is not _ABSENT
                value = _plain(frame, dot, first, has_arguments=has_arguments)
            final = unwrapped(value)
        assert not isinstance(final, _Absence)
        for name in pipeline.variables:
            if pipeline.assigns:
                frame.assign(name, final)
            else:
                frame.declare(name, final)
        return final

    def _nested(
        self, frame: Frame, dot: Result, operand: _Nested, arguments: Sequence[Operand], final: Result | _Absence
    ) -> Routine[Result]:
        if isinstance(operand, Identifier):
            return self._call(frame, dot, operand, arguments, final)
        has_arguments = bool(arguments) or final is not _ABSENT
        if isinstance(operand, Chain):
            return self._chain(frame, dot, operand, has_arguments=has_arguments)
        if has_arguments:
            raise _no_function()
        return self.pipeline(frame, dot, operand)

    def _chain(self, frame: Frame, dot: Result, chain: Chain, *, has_arguments: bool) -> Routine[Result]:
        origin: Result = yield self._nested(frame, dot, chain.origin, (), _ABSENT)
        return _walked(origin, chain.path, has_arguments=has_arguments)

    def _call(
        self, frame: Frame, dot: Result, name: Identifier, arguments: Sequence[Operand], final: Result | _Absence
    ) -> Routine[Result]:
        self.position = name.position
        function = FUNCTIONS[name.name]
        if not function.accepts(len(arguments) + (final is not _ABSENT)):
            raise Refused(f"wrong number of arguments for {name.name}")
        decisive = DECISIVE.get(name.name)
        values: list[Result] = []
        for argument in arguments:
            self._budget.step()
            value: Result
            if isinstance(argument, _Nested):
                value = yield self._nested(frame, dot, argument, (), _ABSENT)
                self.position = name.position
            else:
                value = _argument(frame, dot, argument)
            if is_true(value) is decisive:
                return value
            values.append(function.accepted(len(values), value))
        if not isinstance(final, _Absence):
            values.append(function.accepted(len(values), final))
        return function.apply(values, self._budget)


def _argument(frame: Frame, dot: Result, operand: _Plain) -> Result:
    return NO_VALUE if isinstance(operand, Nil) else _plain(frame, dot, operand, has_arguments=False)


def _plain(frame: Frame, dot: Result, operand: _Plain, *, has_arguments: bool) -> Result:
    """Return the value of an operand that has no other one within it."""
    if isinstance(operand, Field):
        return _walked(dot, operand.path, has_arguments=has_arguments)
    if isinstance(operand, Variable) and operand.path:
        return _walked(frame.lookup(operand.name), operand.path, has_arguments=has_arguments)
    if has_arguments:
        raise _no_function()
    match operand:
        case Variable():
            return frame.lookup(operand.name)
        case Dot():
            return dot
        case Nil():
            raise Refused("nil is not a command")
    if isinstance(operand.value, Overflow):
        raise Refused(f"the number {operand.value.text} is too large")
    return operand.value


def _walked(receiver: Result, path: Sequence[bytes], *, has_arguments: bool) -> Result:
    """Follow fields. Arguments could only be for the last one."""
    for name in path[:-1]:
        receiver = field_of(receiver, name, has_arguments=False)
    return field_of(receiver, path[-1], has_arguments=has_arguments)


def _no_function() -> Refused:
    return Refused("arguments are given to what is not a function")

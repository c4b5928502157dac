"""Templates applied to data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from townos.packages.gotemplate.errors import Place, Refused, Stage, TemplateInvalid
from townos.packages.gotemplate.evaluation import Evaluator, Frame
from townos.packages.gotemplate.formatting import print_value
from townos.packages.gotemplate.limits import Budget, Limits
from townos.packages.gotemplate.nodes import (
    NAME,
    Action,
    Body,
    If,
    Invocation,
    Leave,
    Range,
    Text,
    Tree,
    With,
)
from townos.packages.gotemplate.results import (
    NO_VALUE,
    NoValue,
    Result,
    in_interface,
    is_integer,
    is_true,
    type_name,
    unwrapped,
)
from townos.packages.gotemplate.routines import Routine, run
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Value

_MAX_DEPTH: Final = 100_000
"""Templates within one another, as in Go."""

Left = Leave | None
"""How a body ended: at its end, or by `break` or `continue`."""


def executed(tree: Tree, data: Value, limits: Limits, check: Callable[[], None]) -> bytes:
    """Return the output of a text for some data. Raises `TemplateInvalid`, `LimitExceeded` and what `check` does."""
    budget = Budget(limits, check)
    executor = _Executor(tree.templates, budget)
    try:
        run(executor.template(NAME, unwrapped(data), depth=0))
    except Refused as error:
        raise TemplateInvalid(Stage.EXEC, Place.at(tree.text, executor.position), str(error)) from None
    return budget.output.written()


class _Executor:
    """One run. What is nested runs as routines, as Go allows it at any depth."""

    def __init__(self, templates: Mapping[bytes, Body], budget: Budget) -> None:
        self._templates = templates
        self._budget = budget
        self._evaluator = Evaluator(budget)

    @property
    def position(self) -> int:
        """The byte of the template where the run is."""
        return self._evaluator.position

    def template(self, name: bytes, data: Result, *, depth: int) -> Routine[Left]:
        """Run a template, which sees its data and no variables but `$`."""
        return self._body(Frame([(b"$", data)], depth), data, self._templates[name])

    def _body(self, frame: Frame, dot: Result, body: Body) -> Routine[Left]:
        for node in body:
            self._budget.step()
            if isinstance(node, Text):
                self._budget.output.write(node.text)
            elif isinstance(node, Leave):
                return node
            else:
                left: Left = yield self._statement(frame, dot, node)
                if left:
                    return left
        return None

    def _statement(self, frame: Frame, dot: Result, node: Action | If | With | Range | Invocation) -> Routine[Left]:
        match node:
            case Action():
                return self._action(frame, dot, node)
            case Range():
                return self._range(frame, dot, node)
            case Invocation():
                return self._invocation(frame, dot, node)
        return self._branch(frame, dot, node)

    def _action(self, frame: Frame, dot: Result, action: Action) -> Routine[Left]:
        value: Value | NoValue = yield self._evaluator.pipeline(frame, dot, action.pipeline)
        if not action.pipeline.variables:
            shown = value.value.encode() if isinstance(value, NoValue) else value
            print_value(self._budget.output, shown, "v")
        return None

    def _branch(self, frame: Frame, dot: Result, node: If | With) -> Routine[Left]:
        mark = frame.mark()
        value: Result = yield self._evaluator.pipeline(frame, dot, node.pipeline)
        if is_true(value):
            left: Left = yield self._body(frame, value if isinstance(node, With) else dot, node.body)
        else:
            left = yield self._body(frame, dot, node.otherwise)
        frame.forget(mark)
        return left

    def _invocation(self, frame: Frame, dot: Result, node: Invocation) -> Routine[Left]:
        self._evaluator.position = node.position
        if node.name not in self._templates:
            raise Refused(f'there is no template "{node.name.decode("utf-8", "replace")}"')
        if frame.depth == _MAX_DEPTH:
            raise Refused(f"more than {_MAX_DEPTH} templates are within one another")
        self._budget.descend(frame.depth + 1)
        data: Result = NO_VALUE
        if node.pipeline:
            data = yield self._evaluator.pipeline(frame, dot, node.pipeline)
        yield self.template(node.name, data, depth=frame.depth + 1)
        return None

    def _range(self, frame: Frame, dot: Result, node: Range) -> Routine[Left]:
        outer = frame.mark()
        value: Result = yield self._evaluator.pipeline(frame, dot, node.pipeline)
        turns = _turns(value, len(node.pipeline.variables))
        inner = frame.mark()
        left: Left = None
        empty = True
        for index, element in turns:
            self._budget.step()
            empty = False
            _set_variables(frame, node, index, element)
            left = yield self._body(frame, element, node.body)
            frame.forget(inner)
            if left is Leave.BREAK:
                break
        if empty:
            left = yield self._body(frame, dot, node.otherwise)
        frame.forget(outer)
        # From its `else`, a loop can be left for the next turn of the one around it; a `break` ends only itself.
        return Leave.CONTINUE if empty and left is Leave.CONTINUE else None


def _turns(value: Result, variables: int) -> Iterator[tuple[Result, Result]]:
    """Give the index and the element of each turn of a loop. Raises `Refused` for what has no elements."""
    match value:
        case None | NoValue():
            return iter(())
        case Slice():
            return ((Number(Kind.INT, at), in_interface(element)) for at, element in enumerate(value))
        case Map(entries=entries):
            return ((key, in_interface(entries[key])) for key in sorted(entries))
        case Number(kind=kind, value=int(end)) if is_integer(value):
            if variables > 1:
                raise Refused("a range over an integer sets one variable")
            return ((NO_VALUE, Number(kind, at)) for at in range(end))
    raise Refused(f"a value of type {type_name(value)} has no elements to range over")


def _set_variables(frame: Frame, node: Range, index: Result, element: Result) -> None:
    """Set the variables of a loop for one turn: a single one is the element, two are the index and the element."""
    names = node.pipeline.variables
    values = [index, element][2 - len(names) :]
    if node.pipeline.assigns:
        for name, value in zip(names, values, strict=True):
            frame.assign(name, value)
    else:
        frame.variables[frame.mark() - len(names) :] = list(zip(names, values, strict=True))

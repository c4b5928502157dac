"""The functions that every template has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from townos.packages.gotemplate import comparison
from townos.packages.gotemplate.errors import Refused
from townos.packages.gotemplate.escaping import html_escape, js_escape, url_query_escape
from townos.packages.gotemplate.formatting import Buffer, fprint, fprintf, fprintln
from townos.packages.gotemplate.formatting.text import decoded, encoded
from townos.packages.gotemplate.indexing import index, length, slice_
from townos.packages.gotemplate.limits import Budget
from townos.packages.gotemplate.results import NO_VALUE, NoValue, Result, as_argument, is_true, type_name, unwrapped
from townos.packages.gotemplate.values import Value

_SHOWN_NO_VALUE: Final = NO_VALUE.value.encode()
_PIECE: Final = 1 << 16
"""Characters that are escaped at once: long texts are a few pieces, between which a run can end."""


class Parameter(Enum):
    """What a function takes."""

    ANY = auto()
    """Any value, and with it the difference between `nil` and no value."""
    INTERFACE = auto()
    """Any value in an interface."""
    STRING = auto()


@dataclass(frozen=True, slots=True)
class Function:
    """A function, the number of its arguments (`None` for any number above `minimum`) and what it takes."""

    minimum: int
    maximum: int | None
    apply: Callable[[Sequence[Result], Budget], Result]
    """Compute the result from the arguments. A text that is made counts against the budget."""
    first: Parameter = Parameter.ANY
    others: Parameter = Parameter.ANY

    def accepts(self, count: int) -> bool:
        """Tell whether the function may have a number of arguments."""
        return self.minimum <= count and (self.maximum is None or count <= self.maximum)

    def accepted(self, position: int, argument: Result) -> Result:
        """Return an argument as the function sees it. Raises `Refused` if it is of the wrong type."""
        parameter = self.others if position else self.first
        if parameter is Parameter.ANY:
            return argument
        if parameter is Parameter.INTERFACE:
            return as_argument(argument)
        text = unwrapped(argument)
        if not isinstance(text, bytes):
            raise Refused(f"a string is expected, not a value of type {type_name(argument)}")
        return text


def _computing(minimum: int, maximum: int | None, compute: Callable[[Sequence[Result]], Result]) -> Function:
    return Function(minimum, maximum, lambda arguments, _budget: compute(arguments))


def _writing(
    write: Callable[[Buffer, Sequence[Result]], None], minimum: int = 0, first: Parameter = Parameter.INTERFACE
) -> Function:
    def made(arguments: Sequence[Result], budget: Budget) -> bytes:
        text = budget.text()
        write(text, arguments)
        return budget.made(text.written())

    return Function(minimum, None, made, first, others=Parameter.INTERFACE)


def _escaping(escape: Callable[[str], str]) -> Function:
    """Make a function that escapes what its arguments print. Here, unlike elsewhere, `nil` prints as no value."""

    def escaped(arguments: Sequence[Result], budget: Budget) -> bytes:
        plain, text = budget.text(), budget.text()
        fprint(plain, [_SHOWN_NO_VALUE if value is None else value for value in _values(arguments)])
        characters = decoded(plain.written())
        for start in range(0, len(characters), _PIECE):
            text.write(encoded(escape(characters[start : start + _PIECE])))
        return budget.made(text.written())

    return Function(0, None, escaped, first=Parameter.INTERFACE, others=Parameter.INTERFACE)


def _values(arguments: Sequence[Result]) -> list[Value]:
    return [as_argument(argument) for argument in arguments]


def _printf(text: Buffer, arguments: Sequence[Result]) -> None:
    form = arguments[0]
    assert isinstance(form, bytes)
    fprintf(text, form, _values(arguments[1:]))


def _slice(arguments: Sequence[Result], budget: Budget) -> Result:
    part = slice_(arguments)
    return budget.made(part) if isinstance(part, bytes) else part


def _call(arguments: Sequence[Result]) -> NoValue:
    raise Refused(f"a value of type {type_name(arguments[0])} is not a function")


def _last(arguments: Sequence[Result]) -> Result:
    return arguments[-1]


DECISIVE: Final = {"and": False, "or": True}
"""Functions that give the first argument of this truth and evaluate no more, or else the last one."""

FUNCTIONS: Final[Mapping[str, Function]] = {
    "and": _computing(1, None, _last),
    "or": _computing(1, None, _last),
    "not": _computing(1, 1, lambda arguments: not is_true(arguments[0])),
    "call": _computing(1, None, _call),
    "index": _computing(1, None, index),
    "slice": Function(1, None, _slice),
    "len": _computing(1, 1, length),
    "eq": _computing(1, None, comparison.eq),
    "ne": _computing(2, 2, comparison.ne),
    "lt": _computing(2, 2, comparison.lt),
    "le": _computing(2, 2, comparison.le),
    "gt": _computing(2, 2, comparison.gt),
    "ge": _computing(2, 2, comparison.ge),
    "print": _writing(lambda text, arguments: fprint(text, _values(arguments))),
    "println": _writing(lambda text, arguments: fprintln(text, _values(arguments))),
    "printf": _writing(_printf, minimum=1, first=Parameter.STRING),
    "html": _escaping(html_escape),
    "js": _escaping(js_escape),
    "urlquery": _escaping(url_query_escape),
}

"""The directives of a format: `%[2]*.[1]*f` and the like."""

import re
from collections.abc import Sequence
from typing import Final

from townos.packages.gotemplate.formatting.buffer import Buffer
from townos.packages.gotemplate.formatting.flags import Flags
from townos.packages.gotemplate.formatting.printing import print_value, write_typed
from townos.packages.gotemplate.formatting.text import decoded, encoded
from townos.packages.gotemplate.values import Number, Value

_LITERAL: Final = re.compile("[^%]*")
_FLAGS: Final = re.compile("[-+# 0]*")
_DIGITS: Final = re.compile("[0-9]*")
_TOO_LARGE: Final = 1_000_000
"""Of widths and precisions that arguments give. A written one is too large if it is so without its last digit."""
_MOST_DIGITS: Final = 8
_NO_UTF_8: Final = range(0xDC80, 0xDD00)


def fprintf(buffer: Buffer, form: bytes, arguments: Sequence[Value]) -> None:
    """Write what a format makes of its arguments, and what is wrong with them. Raises `LimitExceeded`."""
    reader = _Reader(buffer, decoded(form), arguments)
    while reader.literal():
        if not reader.directive():
            break
    reader.extra()


class _Reader:
    """How far a format was read, and which argument comes next."""

    def __init__(self, buffer: Buffer, form: str, arguments: Sequence[Value]) -> None:
        self._buffer = buffer
        self._form = form
        self._at = 0
        self._arguments = arguments
        self._next = 0
        self._reordered = False
        self._index_is_good = True

    def literal(self) -> bool:
        """Write what is before the next directive, and tell whether there is one."""
        self._buffer.write(encoded(self._matched(_LITERAL)))
        return self._at < len(self._form)

    def directive(self) -> bool:
        """Write one argument by the next directive, and tell whether the directive has a verb."""
        self._at += 1
        self._index_is_good = True
        written = self._matched(_FLAGS)
        indexed = self._index()
        width, indexed = self._width(indexed=indexed)
        precision, indexed = self._precision(indexed=indexed)
        if not indexed:
            self._index()
        if self._at >= len(self._form):
            self._buffer.write(b"%!(NOVERB)")
            return False
        self._verb(written, width, precision)
        return True

    def extra(self) -> None:
        """Write the arguments that were not used, if they were used in order."""
        if self._reordered or self._next >= len(self._arguments):
            return
        self._buffer.write(b"%!(EXTRA ")
        for position, argument in enumerate(self._arguments[self._next :]):
            if position:
                self._buffer.write(b", ")
            write_typed(self._buffer, argument)
        self._buffer.write(b")")

    def _verb(self, written: str, width: int | None, precision: int | None) -> None:
        verb = self._form[self._at]
        self._at += 1
        if ord(verb) in _NO_UTF_8:
            verb = "\ufffd"
        if verb == "%":
            self._buffer.write(b"%")
        elif not self._index_is_good:
            self._buffer.write(f"%!{verb}(BADINDEX)".encode())
        elif self._next >= len(self._arguments):
            self._buffer.write(f"%!{verb}(MISSING)".encode())
        else:
            print_value(self._buffer, self._arguments[self._next], verb, _flags(written, width, precision, verb))
            self._next += 1

    def _width(self, *, indexed: bool) -> tuple[int | None, bool]:
        if not self._passed("*"):
            width = self._number()
            # `%[3]2d` is for nothing: the index of a width stands before a `*`.
            self._index_is_good &= not indexed or width is None
            return width, indexed
        width = self._integer_argument()
        if width is None:
            self._buffer.write(b"%!(BADWIDTH)")
        return width, False

    def _precision(self, *, indexed: bool) -> tuple[int | None, bool]:
        if self._at + 1 >= len(self._form) or not self._passed("."):
            return None, indexed
        self._index_is_good &= not indexed
        indexed = self._index()
        if not self._passed("*"):
            return self._number() or 0, indexed
        precision = self._integer_argument()
        if precision is None or precision < 0:
            self._buffer.write(b"%!(BADPREC)")
            precision = None
        return precision, False

    def _index(self) -> bool:
        """Pass an index such as `[3]`, and tell whether there is a number in it."""
        if not self._form.startswith("[", self._at):
            return False
        self._reordered = True
        end = self._form.find("]", self._at)
        if end < 0 or len(self._form) - self._at < len("[1]"):
            # Of what is cut off, only the first bracket is passed.
            self._at += 1
            self._index_is_good = False
            return False
        digits = _DIGITS.match(self._form, self._at + 1)
        number = _limited(digits[0]) if digits and digits.end() == end else None
        self._at = end + 1
        if number is not None and 0 < number <= len(self._arguments):
            self._next = number - 1
        else:
            self._index_is_good = False
        return number is not None

    def _integer_argument(self) -> int | None:
        if self._next >= len(self._arguments):
            return None
        argument = self._arguments[self._next]
        self._next += 1
        if not isinstance(argument, Number) or not isinstance(argument.value, int):
            return None
        return argument.value if abs(argument.value) <= _TOO_LARGE else None

    def _number(self) -> int | None:
        """Pass a number. Behind one that is too large, Go reads nothing more."""
        digits = self._matched(_DIGITS)
        number = _limited(digits)
        if digits and number is None:
            self._at = len(self._form)
        return number

    def _matched(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._form, self._at)
        assert match
        self._at = match.end()
        return match[0]

    def _passed(self, character: str) -> bool:
        passed = self._form.startswith(character, self._at)
        self._at += passed
        return passed


def _flags(written: str, width: int | None, precision: int | None, verb: str) -> Flags:
    """Return the flags of a directive. A negative width, which only an argument can give, is on the right."""
    plus, sharp = "+" in written, "#" in written
    is_value = verb in "vw"
    return Flags(
        width=width and abs(width),
        precision=precision,
        minus="-" in written or (width or 0) < 0,
        plus=plus and not is_value,
        sharp=sharp and not is_value,
        space=" " in written,
        zero="0" in written,
        with_names=plus and is_value,
        go_syntax=sharp and is_value,
    )


def _limited(digits: str) -> int | None:
    """Return a number, or `None` if it is too large or there is none."""
    significant = digits.lstrip("0")
    if not digits or len(significant) > _MOST_DIGITS or int(significant[:-1] or 0) > _TOO_LARGE:
        return None
    return int(significant or 0)

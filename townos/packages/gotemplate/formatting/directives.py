"""The directives of a format: `%[2]*.[1]*f` and the like."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from townos.packages.gotemplate.formatting.buffer import Buffer
from townos.packages.gotemplate.formatting.flags import Flags
from townos.packages.gotemplate.formatting.printing import print_value, write_typed
from townos.packages.gotemplate.formatting.text import decoded, encoded
from townos.packages.gotemplate.values import Number, Value

_LITERAL: Final = re.compile("[^%]*")
_FLAGS: Final = re.compile("[-+# 0]*")
_DIGITS: Final = re.compile("[0-9]*")
_INDEX: Final = re.compile(r"\[(?:(?P<text>[^\]]*)\])?")
_TOO_LARGE: Final = 1_000_000
"""Of widths and precisions that arguments give. A written one is too large if it is so without its last digit."""
_MOST_DIGITS: Final = 8
_NO_UTF_8: Final = range(0xDC80, 0xDD00)


def write_formatted(buffer: Buffer, form: bytes, arguments: Sequence[Value]) -> None:
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
        flags = Flags(minus="-" in written, plus="+" in written, sharp="#" in written, space=" " in written)
        flags = replace(flags, zero="0" in written)
        indexed = self._index()
        flags, indexed = self._width(flags, indexed=indexed)
        flags, indexed = self._precision(flags, indexed=indexed)
        if not indexed:
            self._index()
        if self._at >= len(self._form):
            self._buffer.write(b"%!(NOVERB)")
            return False
        self._verb(flags)
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

    def _verb(self, flags: Flags) -> None:
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
            if verb in "vw":
                flags = replace(flags, sharp=False, plus=False, go_syntax=flags.sharp, with_names=flags.plus)
            print_value(self._buffer, self._arguments[self._next], verb, flags)
            self._next += 1

    def _width(self, flags: Flags, *, indexed: bool) -> tuple[Flags, bool]:
        if not self._passed("*"):
            width = self._number()
            # `%[3]2d` is for nothing: the index of a width stands before a `*`.
            self._index_is_good &= not indexed or width is None
            return replace(flags, width=width), indexed
        width = self._integer_argument()
        if width is None:
            self._buffer.write(b"%!(BADWIDTH)")
        elif width < 0:
            return replace(flags, width=-width, minus=True), False
        return replace(flags, width=width), False

    def _precision(self, flags: Flags, *, indexed: bool) -> tuple[Flags, bool]:
        if self._at + 1 >= len(self._form) or not self._passed("."):
            return flags, indexed
        self._index_is_good &= not indexed
        indexed = self._index()
        if not self._passed("*"):
            return replace(flags, precision=self._number() or 0), indexed
        precision = self._integer_argument()
        if precision is None or precision < 0:
            self._buffer.write(b"%!(BADPREC)")
            precision = None
        return replace(flags, precision=precision), False

    def _index(self) -> bool:
        """Pass an index such as `[3]`, and tell whether there is a number in it."""
        index = _INDEX.match(self._form, self._at)
        if not index:
            return False
        self._reordered = True
        text = index["text"]
        if text is None or len(self._form) - self._at < len("[1]"):
            # Of what is cut off, only the first bracket is passed.
            self._at += 1
            self._index_is_good = False
            return False
        self._at = index.end()
        number = _limited(text) if _DIGITS.fullmatch(text) else None
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


def _limited(digits: str) -> int | None:
    """Return a number, or `None` if it is too large or there is none."""
    significant = digits.lstrip("0")
    if not digits or len(significant) > _MOST_DIGITS or int(significant[:-1] or 0) > _TOO_LARGE:
        return None
    return int(significant or 0)

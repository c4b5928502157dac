"""Integers."""

from typing import Final

from townos.packages.gotemplate.formatting.flags import Flags
from townos.packages.gotemplate.formatting.printable import is_printable
from townos.packages.gotemplate.formatting.text import padded_with_spaces

_MAX_POINT: Final = 0x10FFFF
_LEAST_POINT_DIGITS: Final = 4
_WORD: Final = 1 << 64
_SPECS: Final = {"b": "b", "o": "o", "O": "o", "d": "d", "x": "x", "X": "X"}

VERBS: Final = frozenset(_SPECS)
"""The verbs of `in_base`."""


def in_base(value: int, verb: str, flags: Flags) -> str:
    """Format an integer in the base of a verb. A precision is the least number of digits."""
    least = flags.precision
    if least is None:
        least = flags.zeros_to_width - (value < 0 or flags.plus or flags.space)
    elif least == 0 == value:
        return " " * (flags.width or 0)
    digits = format(abs(value), _SPECS[verb]).rjust(least, "0")
    return padded_with_spaces(_sign(value, flags) + _prefix(digits, verb, flags) + digits, flags)


def _sign(value: int, flags: Flags) -> str:
    if value < 0:
        return "-"
    if flags.plus:
        return "+"
    return " " if flags.space else ""


def _prefix(digits: str, verb: str, flags: Flags) -> str:
    if verb == "O":
        # With `#` the prefix of `o` is there besides.
        return "0o0" if flags.sharp and digits[0] != "0" else "0o"
    if not flags.sharp or verb == "d":
        return ""
    if verb == "o":
        return "" if digits[0] == "0" else "0"
    return "0" + verb


def code_point(value: int, flags: Flags) -> str:
    """Format an integer as `U+0078`, or with `#` as `U+0078 'x'`."""
    digits = format(value % _WORD, "X").rjust(max(flags.precision or 0, _LEAST_POINT_DIGITS), "0")
    shown = f"U+{digits}"
    if flags.sharp and 0 <= value <= _MAX_POINT and is_printable(chr(value)):
        shown += f" '{chr(value)}'"
    return padded_with_spaces(shown, flags)

"""Numbers as they are written in a template.

A number has no type but for its spelling: Go makes an `int`, a `float64` or a `complex128` of it, and refuses what fits
none of them. An integer that only an unsigned type could hold is refused when it is used, not when it is read.
"""

import re
from dataclasses import dataclass
from typing import Final

from townos.packages.gotemplate.quoting import BadConstant, character
from townos.packages.gotemplate.values import Kind, Number

# No part of these patterns can match in two ways: a long number that is wrong is refused in no time.
_DECIMAL_FLOAT: Final = re.compile(
    r"(?P<mantissa>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE](?P<sign>[+-]?)0*(?P<exponent>0|[1-9][0-9]*))?"
)
_HEX_FLOAT: Final = re.compile(
    r"(?P<mantissa>[+-]?0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+))[pP](?P<sign>[+-]?)0*(?P<exponent>0|[1-9][0-9]*)"
)
_INTEGER: Final = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[oO](?P<octal>[0-7]+)|0[bB](?P<binary>[01]+)"
    r"|0(?P<old_octal>[0-7]*)|(?P<decimal>[1-9][0-9]*))"
)
_BASES: Final = {"hex": 16, "octal": 8, "old_octal": 8, "binary": 2, "decimal": 10}
_COMPLEX: Final = re.compile(
    r"(?P<real>{part})(?P<imaginary>[+-]{part})i".replace(
        "{part}",
        r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
        r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)",
    )
)
_PREFIX: Final = re.compile(r"([+-]?)0([xXoObB])")

_MIN_INT: Final = -(1 << 63)
_MAX_INT: Final = (1 << 63) - 1
_MAX_UINT: Final = (1 << 64) - 1
_EXPONENT_DIGITS: Final = 5
"""As many digits of an exponent as Go reads; it passes over those that follow."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """An integer above `int` that fits an unsigned type: good to read, wrong to use."""

    text: str


def character_constant(literal: bytes) -> Number:
    """Return the `int` that a character constant stands for. Raises `BadConstant`."""
    return Number(Kind.INT, character(literal))


def complex_constant(literal: bytes) -> Number:
    """Return the number of `1+2i`. Raises `BadConstant`."""
    parts = _COMPLEX.fullmatch(literal.decode())
    if not parts:
        raise BadConstant("no complex number")
    return Number(Kind.COMPLEX128, complex(_float(parts["real"]), _float(parts["imaginary"])))


def number_constant(literal: bytes) -> Number | Overflow:
    """Return the number of any other constant that starts like one. Raises `BadConstant`."""
    text = literal.decode()
    if text.endswith("i"):
        return Number(Kind.COMPLEX128, complex(0, _float(text[:-1])))
    integer = _integer(text)
    if integer is None:
        if not re.search("[.eEpP]", text):
            raise BadConstant("no number, or an integer that is too large")
        return Number(Kind.FLOAT64, _float(text))
    # Go looks for an exponent in the spelling and takes the e of a signed hexadecimal number for one.
    if "e" in text.lower() and text[0] in "+-":
        return Number(Kind.FLOAT64, float(integer))
    return Number(Kind.INT, integer) if integer <= _MAX_INT else Overflow(text)


def _integer(text: str) -> int | None:
    """Read an integer of any base; `None` if it is none, or is out of range."""
    spelled = _INTEGER.fullmatch(text.replace("_", ""))
    if not spelled or not _underscores_separate_digits(text):
        return None
    base = spelled.lastgroup or "decimal"
    digits = spelled[base].lstrip("0")
    if len(digits) > _MAX_UINT.bit_length():
        return None
    value = int(digits or "0", _BASES[base])
    if spelled["sign"] == "-":
        value = -value
    highest = _MAX_INT if spelled["sign"] else _MAX_UINT
    return value if _MIN_INT <= value <= highest else None


def _float(text: str) -> float:
    if not _underscores_separate_digits(text):
        raise BadConstant("an underscore in a number must separate digits")
    plain = text.replace("_", "")
    try:
        if hexadecimal := _HEX_FLOAT.fullmatch(plain):
            value = float.fromhex(_with_read_exponent(hexadecimal, "p"))
        elif decimal := _DECIMAL_FLOAT.fullmatch(plain):
            value = float(_with_read_exponent(decimal, "e"))
        else:
            raise BadConstant("no number")
    except OverflowError:
        raise BadConstant("a number that is too large") from None
    if value in (float("inf"), float("-inf")):
        raise BadConstant("a number that is too large")
    return value


def _with_read_exponent(number: re.Match[str], letter: str) -> str:
    exponent = number["exponent"] or "0"
    return f"{number['mantissa']}{letter}{number['sign'] or ''}{exponent[:_EXPONENT_DIGITS]}"


def _underscores_separate_digits(text: str) -> bool:
    """Tell whether each underscore stands between two digits, or between a base's prefix and a digit."""
    prefix = _PREFIX.match(text)
    digits = "0-9a-fA-F" if prefix and prefix[2] in "xX" else "0-9"
    body = _PREFIX.sub(r"\g<1>0", text, count=1)
    return not re.search(f"(?<![{digits}])_|_(?![{digits}])", body)

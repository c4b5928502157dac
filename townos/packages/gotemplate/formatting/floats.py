"""Floating-point and complex numbers."""

import math
import re
from dataclasses import replace
from typing import Final

from townos.packages.gotemplate.formatting.flags import Flags
from townos.packages.gotemplate.formatting.text import padded

_MANTISSA_BITS: Final = 52
_LEAST_EXPONENT: Final = -1074
_HEX_PLACES: Final = 13
_MOST_DIGITS: Final = 1100
"""More digits than this are all zeros: the smallest number ends at the 1074th behind the point."""
_SHORTEST_EXPONENTS: Final = range(-4, 6)
"""Without a precision, `g` writes the exponent of all numbers but those that have one of these."""
_SHARP_DIGITS: Final = 6

VERBS: Final = frozenset("beEfFgGxX")
PADDED_TO_PRECISION: Final = frozenset("eEfFxX")
"""Those whose precision is the number of digits behind the point."""


def real(value: float, verb: str, flags: Flags) -> str:
    """Format a number, which is finite like all that JSON and constants can give, by one of `VERBS`."""
    verb = "f" if verb == "F" else verb
    precision = flags.precision
    if precision is None and verb in "eEf":
        precision = 6
    sign = "-" if math.copysign(1, value) < 0 else _plus(flags)
    digits = _digits(abs(value), verb, precision)
    if flags.sharp and verb != "b":
        digits = _with_point(digits, verb, precision)
    if sign:
        return padded(sign + digits.rjust(flags.zeros_to_width - len(sign), "0"), flags)
    return padded(digits, flags)


def complex_number(value: complex, verb: str, flags: Flags) -> str:
    """Format a number by one of `VERBS`. The flags are for both of its parts."""
    return f"({real(value.real, verb, flags)}{real(value.imag, verb, replace(flags, plus=True))}i)"


def _plus(flags: Flags) -> str:
    if flags.plus:
        return "+"
    return " " if flags.space else ""


def _digits(value: float, verb: str, precision: int | None) -> str:
    if verb == "b":
        return _binary(value)
    if verb in "xX":
        digits = _hexadecimal(value, precision)
        return digits.upper() if verb == "X" else digits
    if precision is None:
        return _shortest(value, verb)
    digits = format(value, f".{min(precision, _MOST_DIGITS)}{verb}")
    if verb in "gG":
        return digits
    mantissa, letter, exponent = digits.partition(verb)
    return mantissa + "0" * (precision - _MOST_DIGITS) + letter + exponent


def _shortest(value: float, verb: str) -> str:
    """Write as many digits as are needed to tell the number from all others, by `g` or `G`."""
    significant = len(repr(value).partition("e")[0].replace(".", "").strip("0"))
    scientific = format(value, f".{max(significant - 1, 0)}{'e' if verb == 'g' else 'E'}")
    exponent = int(scientific.lower().partition("e")[2])
    if exponent not in _SHORTEST_EXPONENTS:
        return scientific
    return format(value, f".{max(significant - 1 - exponent, 0)}f")


def _binary(value: float) -> str:
    """Write the number as an integer and the power of two that it is to be multiplied with."""
    exponent = max(math.frexp(value)[1] - _MANTISSA_BITS - 1, _LEAST_EXPONENT) if value else _LEAST_EXPONENT
    return f"{int(math.ldexp(value, -exponent))}p{exponent:+d}"


def _hexadecimal(value: float, precision: int | None) -> str:
    """Write one hexadecimal digit, a precision's number of them behind the point, and a power of two."""
    fraction, exponent = math.frexp(value)
    mantissa = int(math.ldexp(fraction, _MANTISSA_BITS + 1))
    places = _HEX_PLACES if precision is None else min(precision, _HEX_PLACES)
    mantissa = _rounded(mantissa, _MANTISSA_BITS - 4 * places)
    if mantissa >> (4 * places + 1):
        mantissa >>= 1
        exponent += 1
    whole, rest = divmod(mantissa, 1 << 4 * places)
    digits = f"{rest:0{places}x}" if places else ""
    digits = digits.rstrip("0") if precision is None else digits.ljust(precision, "0")
    return f"0x{whole}{'.' if digits else ''}{digits}p{exponent - 1 if value else 0:+03d}"


def _rounded(value: int, bits: int) -> int:
    """Drop the lowest bits. What is half way becomes even."""
    kept, dropped = divmod(value, 1 << bits)
    twice = 2 * dropped
    return kept + (twice > 1 << bits or (twice == 1 << bits and kept % 2 == 1))


def _with_point(digits: str, verb: str, precision: int | None) -> str:
    """Do what `#` asks for: write a point in any case, and for `g` and `x` the zeros that were left out behind it."""
    exponent = re.search("[pP].*" if verb in "xX" else "[eE].*", digits)
    mantissa, tail = (digits[: exponent.start()], exponent[0]) if exponent else (digits, "")
    wanted = 0
    if verb in "gGx":
        wanted = _SHARP_DIGITS if precision is None else precision
    # Go counts the x of a hexadecimal number as a digit, and does not do so for X.
    missing = wanted - len(mantissa.replace(".", "").lstrip("0"))
    if "." not in mantissa:
        missing -= mantissa == "0"
        mantissa += "."
    return mantissa + "0" * missing + tail

"""Amounts as people write them: bytes (`500GB`) and durations (`10m`).

Bytes know the suffixes MB, GB and TB only, each 1024 times the one before, in any case; durations know s, m, h and d.
A bare whole number is bytes or seconds, an empty text is zero. Fractions and signs are refused.
"""

import re
from collections.abc import Mapping
from typing import Final

from townos.errors import Invalid
from townos.limits import QUANTITY_BYTES_MAX

BYTE_UNITS: Final[Mapping[str, int]] = {"TB": 1024**4, "GB": 1024**3, "MB": 1024**2}
DURATION_UNITS: Final[Mapping[str, int]] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

_DIGITS_MAX: Final = 20  # as many as 2**64 has; the bound keeps the conversion cheap
_QUANTITY: Final = re.compile(rf"([0-9]{{1,{_DIGITS_MAX}}})[ ]?([A-Za-z]{{0,2}})")


def parse_bytes(text: str) -> int:
    """Return the number of bytes. Raises `Invalid` for anything else, and for more than a disk can hold."""
    amount = _parse(text, {unit.lower(): size for unit, size in BYTE_UNITS.items()})
    if amount is None:
        raise Invalid("quantity.invalid_bytes", text)
    if amount > QUANTITY_BYTES_MAX:
        raise Invalid("quantity.too_large", text)
    return amount


def parse_duration(text: str) -> int:
    """Return the number of seconds. Raises `Invalid`."""
    seconds = _parse(text, DURATION_UNITS)
    if seconds is None:
        raise Invalid("quantity.invalid_duration", text)
    return seconds


def format_duration(seconds: int) -> str:
    """Return the seconds in the largest unit that divides them: `2m`, `90s`, `0`."""
    for unit, size in DURATION_UNITS.items():
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return str(seconds)


def _parse(text: str, units: Mapping[str, int]) -> int | None:
    text = text.strip(" ").lower()
    if not text:
        return 0
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    size = units.get(match[2], None if match[2] else 1)
    return None if size is None else int(match[1]) * size

"""String and character constants, by the rules of the Go language."""

import re
from typing import Final

from townos.packages.gotemplate.runes import decoded

_SIMPLE: Final = {
    "a": 0x07,
    "b": 0x08,
    "f": 0x0C,
    "n": 0x0A,
    "r": 0x0D,
    "t": 0x09,
    "v": 0x0B,
    "\\": 0x5C,
    "'": 0x27,
    '"': 0x22,
}
_PART: Final = re.compile(
    r"""\\(?:(?P<simple>[abfnrtv\\'"])"""
    r"|x(?P<byte>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<point>[0-9a-fA-F]{4})|U(?P<long_point>[0-9a-fA-F]{8}))"
    r"|(?P<plain>[^\\\n])"
)


class BadConstant(ValueError):
    """The text of a constant is not one of Go's."""


def unquoted(literal: bytes) -> bytes:
    """Return what a string constant stands for. A byte that is no UTF-8 becomes U+FFFD, but for raw strings.

    Raises `BadConstant`.
    """
    if literal.startswith(b"`"):
        return literal[1:-1].replace(b"\r", b"")
    body = decoded(literal[1:-1])
    if "\\" not in body:
        return body.encode()
    made = bytearray()
    at = 0
    while at < len(body):
        at, value, is_byte = _next(body, at, '"')
        made += bytes([value]) if is_byte else chr(value).encode()
    return bytes(made)


def character(literal: bytes) -> int:
    """Return the number of a character constant. Raises `BadConstant`."""
    body = decoded(literal[1:-1])
    if not body:
        raise BadConstant("an empty character constant")
    end, value, _ = _next(body, 0, "'")
    if end != len(body):
        raise BadConstant("more than one character in a character constant")
    return value


def _next(body: str, at: int, quote: str) -> tuple[int, int, bool]:
    """Read one character or escape: where the next one starts, its number, and whether it stands for a single byte."""
    part = _PART.match(body, at)
    if not part:
        raise BadConstant("an unknown escape in a constant")
    kind, text = part.lastgroup, part[part.lastgroup or 0]
    if kind == "plain":
        return part.end(), ord(text), False
    if kind == "simple":
        if text in "'\"" and text != quote:
            raise BadConstant("an unknown escape in a constant")
        return part.end(), _SIMPLE[text], True
    value = int(text, 8 if kind == "octal" else 16)
    is_byte = kind in ("byte", "octal")
    if value > (0xFF if is_byte else 0x10FFFF) or (not is_byte and 0xD800 <= value <= 0xDFFF):
        raise BadConstant("no such character")
    return part.end(), value, is_byte

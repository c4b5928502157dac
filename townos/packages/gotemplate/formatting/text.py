"""Strings: cut, padded, quoted and as hexadecimal digits. Widths and precisions count characters.

Inside, strings are `str`. Bytes that are no UTF-8 are lone surrogates there, in Python's way, and count one each, in
Go's.
"""

import re
from typing import Final

from townos.packages.gotemplate.formatting.flags import Flags
from townos.packages.gotemplate.formatting.printable import is_printable

_TO_ESCAPE: Final = re.compile(r"""[^ !#-&(-\[\]-~]""")
_NOT_RAW: Final = re.compile("[\0-\x08\x0a-\x1f\x7f`\ufeff\udc80-\udcff]")
_NAMED: Final = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\\": r"\\",
}
_ESCAPED_BYTES: Final = range(0xDC80, 0xDD00)
_SURROGATES: Final = range(0xD800, 0xE000)
_REPLACEMENT: Final = 0xFFFD


def decoded(text: bytes) -> str:
    """Read bytes as characters. `encoded` gives the same bytes back."""
    return text.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """Write characters as the bytes that they were."""
    return text.encode("utf-8", "surrogateescape")


def character(point: int) -> str:
    """Return the character of a number, or U+FFFD if there is none."""
    return chr(point if 0 <= point <= 0x10FFFF and point not in _SURROGATES else _REPLACEMENT)


def padded(text: str, flags: Flags) -> str:
    """Bring a text to the width."""
    missing = (flags.width or 0) - len(text)
    if missing <= 0:
        return text
    if flags.minus:
        return text + " " * missing
    return ("0" if flags.zero else " ") * missing + text


def padded_with_spaces(text: str, flags: Flags) -> str:
    """Bring a text to the width, whatever the flag `0` says."""
    missing = " " * ((flags.width or 0) - len(text))
    return text + missing if flags.minus else missing + text


def plain(text: bytes, flags: Flags) -> bytes:
    """Format a string as it is."""
    if flags.width is None and flags.precision is None:
        return text
    return encoded(padded(decoded(text)[: flags.precision], flags))


def hexadecimal(text: bytes, flags: Flags, *, upper: bool) -> bytes:
    """Format the bytes of a string as hexadecimal digits."""
    shown = text[: flags.precision]
    if flags.space:
        digits = shown.hex(" ")
        if flags.sharp and shown:
            digits = "0x" + digits.replace(" ", " 0x")
    else:
        digits = "0x" + shown.hex() if flags.sharp and shown else shown.hex()
    return encoded(padded(digits.upper() if upper else digits, flags))


def quoted(text: bytes, flags: Flags) -> bytes:
    """Format a string as a constant of Go: with `#` between backquotes if possible, with `+` in ASCII."""
    shown = decoded(text)[: flags.precision]
    if flags.sharp and not _NOT_RAW.search(shown):
        return encoded(padded(f"`{shown}`", flags))
    return encoded(padded(_between(shown, '"', ascii_only=flags.plus), flags))


def quoted_character(point: int, flags: Flags) -> bytes:
    """Format a number as a character constant of Go."""
    return encoded(padded(_between(character(point), "'", ascii_only=flags.plus), flags))


def _between(text: str, quote: str, *, ascii_only: bool) -> str:
    def escape(match: re.Match[str]) -> str:
        shown = match[0]
        if shown == quote:
            return "\\" + quote
        if shown in _NAMED:
            return _NAMED[shown]
        point = ord(shown)
        if point in _ESCAPED_BYTES:
            return f"\\x{point & 0xFF:02x}"
        if (shown.isascii() or not ascii_only) and is_printable(shown):
            return shown
        if point < 0x20 or point == 0x7F:
            return f"\\x{point:02x}"
        return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"

    return quote + _TO_ESCAPE.sub(escape, text) + quote

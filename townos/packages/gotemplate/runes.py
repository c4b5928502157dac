"""Bytes read as UTF-8 in Go's way, and the letters that Go knows.

Go reads each byte that is no part of a character as U+FFFD, where Python's `replace` may take several at once.
"""

import codecs
import unicodedata
from bisect import bisect_right
from typing import Final

_EACH_BYTE: Final = "gotemplate.each-byte"

SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Unicode's white space. Python's own idea of it has the four information separators besides."""

_SINCE_UNICODE_14: Final = (
    "88f-88f c5c-c5c cdc-cdc 1c89-1c8a a7cb-a7cf a7d2-a7d2 a7d4-a7d4 a7da-a7dc a7f1-a7f1 105c0-105f3 10940-10959 "
    "10d40-10d65 10d6f-10d85 10ec2-10ec7 1123f-11240 11380-11389 1138b-1138b 1138e-1138e 11390-113b5 113b7-113b7 "
    "113d1-113d1 113d3-113d3 116d0-116e3 11bc0-11be0 11bf0-11bf9 11db0-11ddb 11de0-11de9 11f02-11f02 11f04-11f10 "
    "11f12-11f33 11f50-11f59 1342f-1342f 13441-13446 13460-143fa 16100-1611d 16130-16139 16d40-16d6c 16d70-16d79 "
    "16ea0-16eb8 16ebb-16ed3 16ff2-16ff3 187f8-187ff 18cff-18cff 18d09-18d1e 18d80-18df2 1b132-1b132 1b155-1b155 "
    "1ccf0-1ccf9 1df25-1df2a 1e030-1e06d 1e4d0-1e4eb 1e4f0-1e4f9 1e5d0-1e5ed 1e5f0-1e5fa 1e6c0-1e6de 1e6e0-1e6e2 "
    "1e6e4-1e6e5 1e6e7-1e6ed 1e6f0-1e6f4 1e6fe-1e6ff 2b739-2b73f 2cea2-2cead 2ebf0-2ee5d 31350-33479"
)
"""Letters and digits of Unicode 17, which Go 1.27 has, that are not in Unicode 14, which Python 3.11 has."""

_NEWER: Final = [int(bound, 16) for span in _SINCE_UNICODE_14.split() for bound in span.split("-")]


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ufffd", error.start + 1


codecs.register_error(_EACH_BYTE, _one_byte)


def decoded(text: bytes) -> str:
    """Read bytes as characters: U+FFFD for each byte that is not part of one."""
    return text.decode("utf-8", _EACH_BYTE)


def is_space(text: bytes) -> bool:
    """Tell whether a text has nothing but white space."""
    return not decoded(text).strip(SPACES)


def is_alphanumeric(character: str) -> bool:
    """Tell whether a character may be part of a name."""
    if character.isascii():
        return character.isalnum() or character == "_"
    category = unicodedata.category(character)
    return category.startswith("L") or category == "Nd" or (category == "Cn" and _is_newer(ord(character)))


def _is_newer(point: int) -> bool:
    following = bisect_right(_NEWER, point)
    return following % 2 == 1 or (following > 0 and _NEWER[following - 1] == point)

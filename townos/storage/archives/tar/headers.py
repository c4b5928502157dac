"""The header block of a tar member: what it says, or that it is damaged.

The layouts are those of POSIX ustar and of GNU (tar(5), "struct posix_header" and "oldgnu_header" of GNU tar). Read
strictly: where programs are known to read a field in different ways, it is an error.
"""

import re
from dataclasses import dataclass
from typing import Final

from townos.storage.archives.tar.members import invalid_tar

BLOCK_BYTES: Final = 512
END_BLOCK: Final = bytes(BLOCK_BYTES)
"""Two of these end an archive."""

_NAME: Final = slice(0, 100)
_MODE: Final = slice(100, 108)
_UID: Final = slice(108, 116)
_GID: Final = slice(116, 124)
_SIZE: Final = slice(124, 136)
_MTIME: Final = slice(136, 148)
_CHECKSUM: Final = slice(148, 156)
_TYPE: Final = slice(156, 157)
_LINK: Final = slice(157, 257)
_MAGIC: Final = slice(257, 263)
_PREFIX: Final = slice(345, 500)
_POSIX: Final = b"ustar\0"  # GNU's is "ustar " and has times where the prefix would be

_OCTAL: Final = re.compile(rb" *([0-7]*)[ \0]*")
_POSITIVE: Final = 0x80
_NEGATIVE: Final = 0xFF


@dataclass(frozen=True, slots=True)
class Header:
    """A header block. Names are as they stand there, numbers are not negative but for `mtime`."""

    name: bytes
    kind: bytes
    """The type flag, one byte."""
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    link: bytes


def parse_header(block: bytes) -> Header:
    """Return what a block of `BLOCK_BYTES` says. Raises `Malformed`."""
    if not _checksum_holds(block):
        raise invalid_tar("checksum")
    prefix = text(block[_PREFIX]) if block[_MAGIC] == _POSIX else b""
    name = text(block[_NAME])
    return Header(
        name=b"/".join((prefix, name)) if prefix else name,
        kind=block[_TYPE],
        mode=natural(block[_MODE]),
        uid=natural(block[_UID]),
        gid=natural(block[_GID]),
        size=natural(block[_SIZE]),
        mtime=number(block[_MTIME]),
        link=text(block[_LINK]),
    )


def _checksum_holds(block: bytes) -> bool:
    """Tell whether the checksum is the sum of the bytes, its own taken as spaces."""
    counted = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop :]
    excess = number(block[_CHECKSUM]) - sum(counted)
    # Old programs added the bytes up as signed ones.
    return excess == 0 or excess == -256 * sum(byte >= 128 for byte in counted)


def text(field: bytes) -> bytes:
    """Return a field up to its first NUL."""
    return field.partition(b"\0")[0]


def natural(field: bytes) -> int:
    """Return a number that cannot be negative."""
    value = number(field)
    if value < 0:
        raise invalid_tar("number")
    return value


def number(field: bytes) -> int:
    """Return an octal number, or one of GNU's in base 256; an empty field is 0. Raises `Malformed`."""
    if field[0] in {_POSITIVE, _NEGATIVE}:
        return int.from_bytes(field[1:]) - (256 ** (len(field) - 1) if field[0] == _NEGATIVE else 0)
    match = _OCTAL.fullmatch(field)
    if match is None:
        raise invalid_tar("number")
    return int(match[1] or b"0", 8)

"""The header blocks that `tar` reads: ours, in one dialect, GNU's ("oldgnu_header" in tar(5)).

tarfile writes the same bytes, in several times the time.
"""

from collections.abc import Mapping
from typing import Final

from townos.storage.archives.tar.headers import BLOCK_BYTES
from townos.storage.archives.tar.members import Kind, Member, clean_path

_TYPES: Final[Mapping[Kind, bytes]] = {
    Kind.FILE: b"0",
    Kind.HARD_LINK: b"1",
    Kind.SYMLINK: b"2",
    Kind.DIRECTORY: b"5",
}
_NAME_BYTES: Final = 100
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_LONG: Final = b"././@LongLink"
_MAGIC: Final = b"ustar  \0"
_REST: Final = bytes(BLOCK_BYTES - 265)
_BLANK_SUM: Final = 8 * ord(" ") + sum(_MAGIC)
"""Of the checksum's own field, which counts as spaces, and of what is the same in every block."""


def written(member: Member) -> bytes:
    """Return the header of a member, with another one before it for each name that is too long for it."""
    name, link = b"/".join(member.path), b""
    if member.kind is Kind.DIRECTORY:
        name += b"/"
    elif member.kind is Kind.HARD_LINK:
        link = b"/".join(clean_path(member.link))
    elif member.kind is Kind.SYMLINK:
        link = member.link
    numbers = (_octal(member.mode, 8), _octal(member.uid, 8), _octal(member.gid, 8))
    sizes = (_octal(member.size, 12), _octal(member.mtime, 12))
    block = _block(name, b"".join((*numbers, *sizes)), _TYPES[member.kind], link)
    return _long(_LONG_LINK, link) + _long(_LONG_NAME, name) + block


def _long(kind: bytes, name: bytes) -> bytes:
    """Return what tells a long name of the next member, nothing for one that its own header holds."""
    if len(name) <= _NAME_BYTES:
        return b""
    content = name + b"\0"
    numbers = b"".join((*[_octal(0, 8)] * 3, _octal(len(content), 12), _octal(0, 12)))
    return _block(_LONG, numbers, kind, b"") + content + bytes(-len(content) % BLOCK_BYTES)


def _block(name: bytes, numbers: bytes, kind: bytes, link: bytes) -> bytes:
    name, link = name[:_NAME_BYTES], link[:_NAME_BYTES]
    checksum = sum(name) + sum(numbers) + sum(kind) + sum(link) + _BLANK_SUM
    padded_name, padded_link = name.ljust(_NAME_BYTES, b"\0"), link.ljust(_NAME_BYTES, b"\0")
    return b"".join((padded_name, numbers, b"%06o\0 " % checksum, kind, padded_link, _MAGIC, _REST))


def _octal(value: int, size: int) -> bytes:
    """Return a number in a field of so many bytes; one that is too high for octal digits in base 256, as GNU has it."""
    if value < 8 ** (size - 1):
        return b"%0*o\0" % (size - 1, value)
    return b"\x80" + value.to_bytes(size - 1)

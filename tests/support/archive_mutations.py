"""Archives that somebody has changed to lead a reader astray: a seeded stream of them."""

import random
import sys
import tarfile
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.archive_cases import HARMLESS, HOSTILE
from tests.support.archives import (
    COMPRESSED,
    TarFormat,
    directory,
    extension,
    hard_link,
    member,
    packed,
    pax_record,
    symlink,
)

_BLOCK: Final = 512
_NAMES: Final = ("../a", "/a", "d/../../a", ".", "", "d/./a", "d//a", "a/", "x" * 120, "d/l", "d/l/a")
_TARGETS: Final = ("a", "..", "../..", "d", "/etc", "../d/a", "d/../..", "", "d/l", "./a")
_HARMLESS: Final = 0.85
"""So many of the names: an archive with one that is refused shows nothing else."""
_FIELDS: Final = (
    (0, 100),
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (156, 1),
    (157, 100),
    (257, 8),
    (345, 155),
)
_KEYS: Final = ("path", "linkpath", "size", "uid", "mtime", "GNU.sparse.major", "comment", "hdrcharset")

_CASES: Final = (*HOSTILE.values(), *HARMLESS.values(), *HARMLESS.values())

Mutation = Callable[[random.Random, bytearray], None]


def archives(seed: int, count: int) -> Iterator[bytes]:
    """Yield so many tar streams, the same for the same seed."""
    source = random.Random(seed)
    for _ in range(count):
        stream = bytearray(_honest(source))
        for _ in range(source.randrange(4)):
            source.choice(_MUTATIONS)(source, stream)
        yield bytes(stream)


def files(seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield archive files with names without end: of those tar streams, and of the named cases, changed too."""
    source = random.Random(seed)
    for stream in archives(seed, sys.maxsize):
        chosen = bytearray(stream if source.random() < 0.5 else source.choice(_CASES))
        if source.random() < 0.5:
            source.choice(_MUTATIONS)(source, chosen)
        name = source.choice(tuple(COMPRESSED)) if source.random() < 0.5 else "files.tar"
        content = bytearray(COMPRESSED[name](bytes(chosen)))
        if source.random() < 0.2:
            source.choice((_flip, _cut, _lengthen))(source, content)
        yield name, bytes(content)


def _honest(source: random.Random) -> bytes:
    """Return an archive whose headers are well formed, whatever they say."""
    tar_format: TarFormat = source.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    members = [_member(source) for _ in range(source.randrange(1, 7))]
    prefix = _extension(source) if source.random() < 0.3 else b""
    return prefix + packed(*members, tar_format=tar_format)


def _member(source: random.Random) -> tuple[tarfile.TarInfo, bytes]:
    kind = source.randrange(12)
    letters = source.choices("abcde", k=source.randrange(1, 4))
    name = "/".join([*letters, str(kind)]) if source.random() < _HARMLESS else source.choice(_NAMES)
    target = "../" * (len(letters) - 1) + "a" if source.random() < _HARMLESS else source.choice(_TARGETS)
    if kind == 0:
        return directory(name)
    if kind == 1:
        return symlink(name, target)
    if kind == 2:
        return hard_link(name, target)
    if kind == 3:
        return member(name, kind=source.choice((b"3", b"4", b"6", b"S", b"V", b"7", b"\0", b"M")))
    return member(name, source.randbytes(source.choice((0, 1, 511, 512, 513, 3_000))))


def _extension(source: random.Random) -> bytes:
    kind = source.choice((b"x", b"g", b"L", b"K"))
    value = source.choice((*_NAMES, *_TARGETS, "7", "-1", "99999999999"))
    if kind in {b"L", b"K"}:
        return extension(kind, value.encode() + b"\0")
    return extension(kind, pax_record(source.choice(_KEYS), value))


def _flip(source: random.Random, stream: bytearray) -> None:
    for _ in range(source.randrange(1, 5)):
        stream[source.randrange(len(stream))] = source.randrange(256)


def _cut(source: random.Random, stream: bytearray) -> None:
    del stream[max(1, source.randrange(len(stream))) :]


def _lengthen(source: random.Random, stream: bytearray) -> None:
    stream += source.choice((b"x", b"\0" * 3_000, bytes(stream[:600])))


def _repeat(source: random.Random, stream: bytearray) -> None:
    start = source.randrange(len(stream)) // _BLOCK * _BLOCK
    stream[start:start] = stream[start : start + source.choice((_BLOCK, 2 * _BLOCK, 100))]


def _remove(source: random.Random, stream: bytearray) -> None:
    start = source.randrange(len(stream)) // _BLOCK * _BLOCK
    if len(stream) > 2 * _BLOCK:
        del stream[start : start + _BLOCK]


def _field(source: random.Random, stream: bytearray) -> None:
    """Change one field of a block and make its checksum right again."""
    start = source.randrange(len(stream)) // _BLOCK * _BLOCK
    block = stream[start : start + _BLOCK]
    if len(block) < _BLOCK:
        return
    offset, length = source.choice(_FIELDS)
    value = source.choice(
        (source.randbytes(length), b"\xff" * length, b"7" * length, b"\x80" + b"\0" * (length - 1), b"0" * length,
         b"../../x"[:length], b"/x"[:length])
    )  # fmt: skip
    block[offset : offset + length] = value.ljust(length, b"\0")
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    block[148:156] = f"{total:06o}\0 ".encode()
    stream[start : start + _BLOCK] = block


_MUTATIONS: Final[tuple[Mutation, ...]] = (_flip, _cut, _repeat, _remove, _field, _field, _field)

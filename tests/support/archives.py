"""Archives for tests: of members in memory, honest or not."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import Final, Literal, TypeAlias

TarFormat: TypeAlias = Literal[0, 1, 2]  # of tarfile: ustar, GNU, PAX
END: Final = bytes(1024)

COMPRESSED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "files.tar": lambda content: content,
    "files.tar.gz": gzip.compress,
    "files.tgz": gzip.compress,
    "files.tar.bz2": bz2.compress,
    "files.tbz2": bz2.compress,
    "files.tar.xz": lzma.compress,
    "files.txz": lzma.compress,
}
"""A name with each extension, and what makes such a file of a tar stream."""


def member(
    name: str,
    content: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
    mode: int = 0o644,
    owner: tuple[int, int] = (0, 0),
    mtime: int = 1_700_000_000,
    pax: Mapping[str, str] | None = None,
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.mtime, info.size = kind, link, mode, mtime, len(content)
    info.uid, info.gid = owner
    info.pax_headers = dict(pax or {})
    return info, content


def directory(name: str, **more: int) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.DIRTYPE, mode=more.get("mode", 0o755))


def symlink(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.SYMTYPE, link=target)


def hard_link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.LNKTYPE, link=target)


def packed(*members: tuple[tarfile.TarInfo, bytes], tar_format: TarFormat = tarfile.GNU_FORMAT) -> bytes:
    """Return the tar stream of the members, which are written whatever they are."""
    return b"".join(header(info, tar_format) + padded(content) for info, content in members) + END


def header(info: tarfile.TarInfo, tar_format: TarFormat = tarfile.GNU_FORMAT) -> bytes:
    return info.tobuf(tar_format, "utf-8", "surrogateescape")


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def extension(kind: bytes, content: bytes) -> bytes:
    """Return a member of a kind that describes the next one."""
    info = tarfile.TarInfo("extension")
    info.type, info.size = kind, len(content)
    return header(info) + padded(content)


def pax_record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def listed(stream: bytes) -> list[tuple[str, bytes, str, int, int, int, int, bytes]]:
    """Return what Python's own reader sees in a tar stream: name, kind, link, mode, owner, time and content."""
    with tarfile.open(fileobj=io.BytesIO(stream), mode="r:") as archive:
        return [
            (one.name, one.type, one.linkname, one.mode, one.uid, one.gid, int(one.mtime), _content(archive, one))
            for one in archive
        ]


def _content(archive: tarfile.TarFile, one: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(one) if one.isfile() else None
    return file.read() if file else b""


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def cut(content: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Return the content in pieces of these sizes, and the rest."""
    pieces = []
    for size in sizes:
        pieces.append(content[:size])
        content = content[size:]
    return [*pieces, content]

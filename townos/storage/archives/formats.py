"""The four kinds of archive files: how they begin, how they are called, and which programs read and write them."""

import shutil
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from townos.errors import Malformed
from townos.limits import ARCHIVE_XZ_MEMORY_BYTES
from townos.names import ArchiveName
from townos.posix.process import CLEAN_ENVIRONMENT, ProcessMissing

TAR_MAGIC: Final = b"ustar"
TAR_MAGIC_OFFSET: Final = 257
HEAD_BYTES: Final = TAR_MAGIC_OFFSET + len(TAR_MAGIC)
"""So much of a file's beginning tells its format."""


class ArchiveFormat(Enum):
    """How a tar stream is packed; the value is the extension that we write."""

    TAR = ".tar"
    GZIP = ".tar.gz"
    BZIP2 = ".tar.bz2"
    XZ = ".tar.xz"


_MAGIC: Final[Mapping[ArchiveFormat, bytes]] = {
    ArchiveFormat.GZIP: b"\x1f\x8b",
    ArchiveFormat.BZIP2: b"BZh",
    ArchiveFormat.XZ: b"\xfd7zXZ\0",
}
EXTENSIONS: Final[Mapping[str, ArchiveFormat]] = {
    **{kind.value: kind for kind in ArchiveFormat},
    ".tgz": ArchiveFormat.GZIP,
    ".tbz2": ArchiveFormat.BZIP2,
    ".txz": ArchiveFormat.XZ,
}

_XZ_MEMORY: Final = f"--memlimit={ARCHIVE_XZ_MEMORY_BYTES}"
"""An xz file says itself how much memory reading it takes: up to 4 GiB. Writing one takes more with every core."""

_DECOMPRESSORS: Final[Mapping[ArchiveFormat, Sequence[Sequence[str]]]] = {
    ArchiveFormat.TAR: (),
    ArchiveFormat.GZIP: (("pigz", "-dc"), ("gzip", "-dc")),
    ArchiveFormat.BZIP2: (("lbzip2", "-dc"), ("bzip2", "-dc")),
    ArchiveFormat.XZ: (("xz", "-dc", "-T0", _XZ_MEMORY),),
}
"""The first one that is installed is taken: the parallel ones come first."""
_COMPRESSORS: Final[Mapping[ArchiveFormat, Sequence[Sequence[str]]]] = {
    ArchiveFormat.GZIP: (("pigz",), ("gzip",)),
    ArchiveFormat.BZIP2: (("lbzip2",), ("bzip2",)),
    ArchiveFormat.XZ: (("xz", "-T0", _XZ_MEMORY),),
}
MEDIA_TYPES: Final[Mapping[ArchiveFormat, str]] = {
    ArchiveFormat.GZIP: "application/gzip",
    ArchiveFormat.BZIP2: "application/x-bzip2",
    ArchiveFormat.XZ: "application/x-xz",
}
"""The formats that archives are handed out in."""


def detect(head: bytes) -> ArchiveFormat | None:
    """Return the format of a file by its first `HEAD_BYTES`."""
    for kind, magic in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return ArchiveFormat.TAR if head[TAR_MAGIC_OFFSET:HEAD_BYTES] == TAR_MAGIC else None


def by_extension(file_name: str) -> ArchiveFormat | None:
    """Return the format that a file's name stands for, in upper or lower case."""
    name = file_name.lower()
    return next((kind for extension, kind in EXTENSIONS.items() if name.endswith(extension)), None)


def confirmed(head: bytes, file_name: str) -> ArchiveFormat:
    """Return the format that a file's beginning and its name agree on. Raises `Malformed` when they do not."""
    kind = detect(head)
    if kind is None or kind is not by_extension(file_name):
        raise Malformed.at("archive", "archive.unsupported", ", ".join(ArchiveName.suffixes))
    return kind


def decompressor(kind: ArchiveFormat) -> Sequence[str] | None:
    """Return the arguments of the program that unpacks standard input to standard output; None where none is needed.

    Raises `ProcessMissing`. Looks into the directories of programs, which are few and cached.
    """
    programs = _DECOMPRESSORS[kind]
    return _installed(programs) if programs else None


def compressor(kind: ArchiveFormat) -> Sequence[str]:
    """Return the arguments of the program that packs standard input to standard output. Raises `ProcessMissing`."""
    return _installed(_COMPRESSORS[kind])


def download_format(text: str) -> ArchiveFormat:
    """Return the format that a download is asked for in, `tar.gz` when nothing is said. Raises `Malformed`."""
    kind = EXTENSIONS.get(f".{text}") if text else ArchiveFormat.GZIP
    if kind is None or kind not in MEDIA_TYPES or kind.value != f".{text or 'tar.gz'}":
        raise Malformed.at("format", "archive.download_format", text)
    return kind


def _installed(programs: Sequence[Sequence[str]]) -> Sequence[str]:
    for argv in programs:
        if shutil.which(argv[0], path=CLEAN_ENVIRONMENT["PATH"]):
            return argv
    raise ProcessMissing(programs[-1][0])

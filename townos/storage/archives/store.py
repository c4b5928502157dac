"""The archive files that come with the system, by name: packages fill their volumes from them."""

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

import trio

from townos.errors import Invalid, NotFound
from townos.limits import ARCHIVE_CHUNK_BYTES
from townos.names import ArchiveName
from townos.posix.files import opened_directory

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO would wait for a writer


@dataclass(frozen=True, slots=True, order=True)
class ArchiveFile:
    """An archive file and its size in bytes."""

    name: ArchiveName
    size: int


class ArchiveStore:
    """The directory `archives`; only regular files in it count."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def exists(self, name: ArchiveName) -> bool:
        """Tell whether there is such an archive."""
        try:
            os.close(await trio.to_thread.run_sync(self._open, name))
        except NotFound:
            return False
        return True

    @asynccontextmanager
    async def open(self, name: ArchiveName) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield the content of an archive in pieces. Raises `NotFound`."""
        descriptor = await trio.to_thread.run_sync(self._open, name)
        try:
            async with aclosing(_pieces(descriptor)) as pieces:
                yield pieces
        finally:
            os.close(descriptor)

    def _open(self, name: ArchiveName) -> int:
        try:
            with opened_directory(self._directory) as directory:
                descriptor = os.open(name, _OPEN, dir_fd=directory)
        except OSError as error:
            raise NotFound("archive.not_found", name) from error
        if not S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotFound("archive.not_found", name)
        return descriptor

    async def list(self) -> list[ArchiveFile]:
        """Return the archives, sorted by name; files that are called otherwise are none."""
        return await trio.to_thread.run_sync(_archives, self._directory)


def _archives(path: Path) -> list[ArchiveFile]:
    try:
        with opened_directory(path) as directory, os.scandir(directory) as entries:
            found = [(entry.name, entry.stat().st_size) for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    return sorted(ArchiveFile(name, size) for text, size in found if (name := _archive_name(text)))


def _archive_name(text: str) -> ArchiveName | None:
    try:
        return ArchiveName.parse(text)
    except Invalid:
        return None


async def _pieces(descriptor: int) -> AsyncGenerator[bytes, None]:
    while piece := await trio.to_thread.run_sync(os.read, descriptor, ARCHIVE_CHUNK_BYTES):
        yield piece

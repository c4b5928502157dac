"""Archives that volumes are handed out as.

What is packed is a copy of one moment that nobody else reaches. So a service is stopped only while that is made, and no
link can appear in a path that has been checked.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from townos.errors import NotFound
from townos.limits import ARCHIVE_CHUNK_BYTES, ARCHIVE_PIPE_BYTES
from townos.names import InnerPath, UnitName
from townos.posix import process
from townos.posix.files import opened_directory
from townos.posix.process import Child
from townos.storage.archives.formats import ArchiveFormat, compressor
from townos.storage.archives.stopped_service import Services, require_service, stopped_service
from townos.storage.paths import VolumePath
from townos.storage.volumes import ScratchSpace

_TAR: Final = (
    "tar",
    "--create",
    "--file=-",
    "--format=gnu",
    "--numeric-owner",
    "--no-xattrs",
    "--no-acls",
    "--no-selinux",
    "--warning=no-file-ignored",  # sockets, which no archive can hold
)


@dataclass(frozen=True, slots=True)
class Download:
    """What is to be packed: of a volume all, or some paths; `service` is stopped for the moment that counts."""

    volume: VolumePath
    format: ArchiveFormat
    paths: tuple[InnerPath, ...] = ()
    service: UnitName | None = None


class Downloads:
    """Packs volumes while they are read."""

    def __init__(self, scratch: ScratchSpace, services: Services) -> None:
        self._scratch = scratch
        self._services = services

    @asynccontextmanager
    async def open(self, download: Download) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield the archive in pieces.

        Raises `NotFound` without the volume, the service or one of the paths, and what the services raise; the pieces
        raise `ProcessFailed` when packing fails. No child and no copy is left when the block ends.
        """
        await require_service(self._services, download.service)
        async with AsyncExitStack() as stack:
            async with stopped_service(self._services, download.service):
                frozen = await stack.enter_async_context(self._scratch.frozen(download.volume))
            await trio.to_thread.run_sync(_check_paths, frozen, download.paths)
            argv = _argv(download, frozen)
            child = await stack.enter_async_context(process.stream(argv, pipe_bytes=ARCHIVE_PIPE_BYTES))
            yield await stack.enter_async_context(aclosing(_packed(child)))


async def _packed(child: Child) -> AsyncGenerator[bytes, None]:
    while chunk := await child.stdout.receive_some(ARCHIVE_CHUNK_BYTES):
        yield bytes(chunk)
    await child.check()


def _argv(download: Download, directory: Path) -> Sequence[str]:
    # tar starts the compressor itself, so that what is not compressed yet passes from one to the other directly.
    packed = f"--use-compress-program={' '.join(compressor(download.format))}"
    return (*_TAR, packed, f"--directory={directory}", "--", *(map(str, download.paths) if download.paths else ["."]))


def _check_paths(directory: Path, paths: Sequence[InnerPath]) -> None:
    """Raise `NotFound` for a path where nothing is, or to which a link leads."""
    for index, path in enumerate(paths):
        try:
            with opened_directory(directory, path.parts[:-1]) as above:
                os.stat(path.parts[-1], dir_fd=above, follow_symlinks=False)
        except OSError as error:
            raise NotFound.at(f"paths[{index}]", "archive.no_such_path", str(path)) from error

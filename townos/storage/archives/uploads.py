"""Archives that people put into volumes."""

import os
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import trio

from townos.clock import Clock
from townos.errors import Conflict, NoSpace
from townos.names import UnitName
from townos.storage.archives.merging import merge
from townos.storage.archives.pausing import Services, paused, require
from townos.storage.archives.rules import ArchiveLimits
from townos.storage.archives.unpacking import unpack
from townos.storage.inner_paths import InnerPath
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.space import SpaceGuard
from townos.storage.volumes import Volume, Volumes

RequireIdle = Callable[[VolumePath], None]
"""Raises `Conflict` while an operation works on the package that a volume belongs to."""


class UploadSettings(Protocol):
    """The port to the settings."""

    async def bytes(self, key: str) -> int:
        """Return a setting in bytes."""

    async def seconds(self, key: str) -> int:
        """Return a setting in seconds."""

    async def integer(self, key: str) -> int:
        """Return a numeric setting."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is to be put where. `within` is the directory in the volume, `service` what is stopped meanwhile."""

    volume: VolumePath
    file_name: str
    within: InnerPath | None = None
    service: UnitName | None = None


class Uploads:
    """Unpacks archives aside, and only puts what has been judged as a whole into a volume.

    So its service stands still for no longer than that takes, and an upload that is refused, cut off or too slow has
    changed nothing. The state before an upload is kept as a snapshot.
    """

    def __init__(
        self,
        volumes: Volumes,
        services: Services,
        settings: UploadSettings,
        clock: Clock,
        require_idle: RequireIdle,
        *,
        space: SpaceGuard,
    ) -> None:
        self._volumes = volumes
        self._services = services
        self._settings = settings
        self._clock = clock
        self._require_idle = require_idle
        self._space = space
        self._busy: set[VolumePath] = set()

    async def max_bytes(self) -> int:
        """Return how large an archive may be, packed and unpacked."""
        return await self._settings.bytes("max_archive_size")

    async def put(self, upload: Upload, source: AsyncIterable[bytes]) -> None:
        """Unpack an archive, which arrives from `source`, into a volume; files of the same names are replaced.

        Raises `NotFound` without the volume or the service, `Conflict` while it is worked on already, `NoSpace` before
        anything is read on a full disk, and what `unpack`, `merge` and the services raise. After any error, and when
        cancelled, the volume holds what it held before.
        """
        with self._claimed(upload.volume):
            volume = await self._volumes.get(upload.volume)
            await require(self._services, upload.service)
            limits = await self._limits()
            async with self._volumes.scratch(volume.quota) as staging:
                inner = upload.within.parts if upload.within else ()
                like = self._volumes.location(upload.volume)
                target = await trio.to_thread.run_sync(_make_directories, staging, inner, like)
                unpacked = await unpack(source, upload.file_name, target, limits, depth=len(inner))
                self._require_idle(upload.volume)  # the archive may have taken long to come
                async with paused(self._services, upload.service):
                    await self._merge(volume, staging, unpacked.bytes)

    @contextmanager
    def _claimed(self, volume: VolumePath) -> Iterator[None]:
        self._require_idle(volume)
        if volume in self._busy:
            raise Conflict("archive.busy")
        self._busy.add(volume)
        try:
            yield
        finally:
            self._busy.discard(volume)

    async def _limits(self) -> ArchiveLimits:
        room = await self._space.room()
        room.require()
        return ArchiveLimits(
            bytes=await self.max_bytes(),
            members=await self._settings.integer("max_archive_members"),
            seconds=await self._settings.seconds("archive_unpack_timeout"),
            room=room,
        )

    async def _merge(self, volume: Volume, staging: Path, size: int) -> None:
        """Put everything into the volume, with a snapshot of how it was; without one if that fails."""
        before = SnapshotId.make(self._clock.now(), SnapshotReason.UPLOAD)
        await self._volumes.snapshot(volume.path, before)
        try:
            await self._require_room(volume, before, size)
            location = self._volumes.location(volume.path)
            await trio.to_thread.run_sync(merge, staging, location, trio.from_thread.check_cancelled)
        except BaseException:
            with trio.CancelScope(shield=True):
                await self._volumes.delete_snapshot(volume.path, before)
            raise
        await self._volumes.prune(volume.path, await self._settings.integer("snapshots_kept"))

    async def _require_room(self, volume: Volume, before: SnapshotId, size: int) -> None:
        """Raise `NoSpace` unless so many bytes fit beside what a volume held when a snapshot was taken.

        The kernel would not: it lets files share their content with others although a limit is exceeded by that.
        """
        if not volume.quota:
            return
        held = next(one.referenced for one in await self._volumes.snapshots(volume.path) if one.id == before)
        if held + size > volume.quota:
            raise NoSpace("archive.no_room", size, max(volume.quota - held, 0))


def _make_directories(staging: Path, inner: tuple[str, ...], like: Path) -> Path:
    """Make the directories that an archive is unpacked into.

    Those that the volume lacks come into it this way, and belong to whoever its own directory belongs to.
    """
    owner = like.stat()
    for name in inner:
        staging /= name
        staging.mkdir()
        staging.chmod(0o755)
        os.chown(staging, owner.st_uid, owner.st_gid)
    return staging

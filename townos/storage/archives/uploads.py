"""Archives that people put into volumes."""

import os
from collections.abc import AsyncIterable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import trio

from townos.clock import Clock
from townos.concurrency import shielded
from townos.errors import Conflict, NoSpace
from townos.i18n import Bytes
from townos.limits import UPLOAD_PLANNING_TIMEOUT_SECONDS
from townos.names import InnerPath, UnitName
from townos.operations import Operations, Plan, checked_id
from townos.settings.numbers import NumericSettings
from townos.storage.archives.merging import MERGING, prepare
from townos.storage.archives.operation import UPLOAD, MergePlan, merge_kind
from townos.storage.archives.rules import ArchiveLimits
from townos.storage.archives.stopped_service import Services, require_service
from townos.storage.archives.unpacking import Unpacked, unpack
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.storage.subjects import subject
from townos.storage.volumes import Scratch, Volumes


@dataclass(frozen=True, slots=True)
class Upload:
    """What is to be put where. `within` is the directory in the volume, `service` what is stopped meanwhile."""

    volume: VolumePath
    file_name: str
    within: InnerPath | None = None
    service: UnitName | None = None


def nobody() -> None:
    """Be told, and do nothing."""


class Uploads:
    """Unpacks archives aside, and only puts what has been judged as a whole into a volume.

    So its service is stopped for no longer than that takes, and an upload that is refused, cut off or too slow has
    changed nothing. The state before an upload is kept as a snapshot.
    """

    def __init__(
        self,
        volumes: Volumes,
        services: Services,
        settings: NumericSettings,
        clock: Clock,
        operations: Operations,
        *,
        space: SpaceGuard,
    ) -> None:
        self._volumes = volumes
        self._services = services
        self._settings = settings
        self._clock = clock
        self._operations = operations
        self._space = space
        self._busy: set[VolumePath] = set()
        operations.register(merge_kind(volumes, services))

    async def max_bytes(self) -> int:
        """Return how large an archive may be, packed and unpacked."""
        return await self._settings.bytes("max_archive_size")

    async def put(
        self,
        upload: Upload,
        source: AsyncIterable[bytes],
        *,
        operation_id: str = "",
        on_received: Callable[[], None] = nobody,
    ) -> None:
        """Unpack an archive, which arrives from `source`, into a volume; files of the same names are replaced.

        Once it has arrived as a whole and is found well, `on_received` is called and an operation begins: from then on
        it goes on, also when this is cancelled. Raises `NotFound` without the volume or the service, `Conflict` while
        the volume is worked on already or something in it is in the way, `NoSpace` before anything is read on a full
        disk, and what `unpack` and `Operations.run` raise. After any error, and when cancelled before, the volume holds
        what it held.
        """
        identifier = checked_id(operation_id)
        with self._claimed(upload.volume):
            volume = await self._volumes.get(upload.volume)
            await require_service(self._services, upload.service)
            limits = await self._limits()
            async with self._volumes.scratch(volume.quota) as scratch:
                inner = upload.within.parts if upload.within else ()
                location = self._volumes.location(upload.volume)
                target = await trio.to_thread.run_sync(_make_directories, scratch.path, inner, location)
                unpacked = await unpack(source, upload.file_name, target, limits, depth=len(inner))
                await MERGING.run(prepare, scratch.path, location)
                await self._require_room(upload.volume, unpacked)
                on_received()
                await self._hand_over(scratch, upload, identifier)

    async def _require_room(self, path: VolumePath, unpacked: Unpacked) -> None:
        """Raise `NoSpace` unless an archive fits beside what a volume holds.

        The kernel would not: it lets files share their content with others although a limit is exceeded by that.
        """
        volume = await self._volumes.get(path)
        if volume.quota and volume.referenced + unpacked.bytes > volume.quota:
            raise NoSpace("archive.no_room", Bytes(unpacked.bytes), Bytes(max(volume.quota - volume.referenced, 0)))

    async def _hand_over(self, scratch: Scratch, upload: Upload, identifier: str) -> None:
        """Let an operation go on with a scratch directory, which is its own from the moment that it is recorded."""
        planner = partial(self._plan, scratch, upload)
        # A cancellation in between would leave a scratch directory that nobody owns.
        with shielded(UPLOAD_PLANNING_TIMEOUT_SECONDS, "planning an upload"):
            begun = await self._operations.begin(UPLOAD, subject(upload.volume), planner, operation_id=identifier)
            scratch.kept = True
        try:
            await begun.outcome()
        finally:
            scratch.kept = begun.unfinished

    async def _plan(self, scratch: Scratch, upload: Upload) -> Plan:
        volume = await self._volumes.get(upload.volume)  # somebody may have deleted it meanwhile
        runs = upload.service is not None and await self._services.running(upload.service)
        plan = MergePlan(
            volume=str(upload.volume),
            quota=volume.quota,
            scratch=scratch.name,
            service=str(upload.service) if runs else "",  # whoever stopped one that does not run wanted that
            snapshot=str(SnapshotId.make(self._clock.now(), SnapshotReason.UPLOAD)),
            snapshots_kept=await self._settings.integer("snapshots_kept"),
        )
        built: Plan = msgspec.to_builtins(plan)
        return built

    async def handed_over(self) -> Collection[str]:
        """Return the names of the scratch directories that operations are going to go on with."""
        return {plan["scratch"] for plan in await self._operations.plans(UPLOAD)}

    @contextmanager
    def _claimed(self, volume: VolumePath) -> Iterator[None]:
        """Refuse at once what would be refused when it has come: it may be large."""
        self._operations.require_idle(subject(volume))
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

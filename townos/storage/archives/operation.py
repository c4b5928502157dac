"""The last part of an upload, as an operation: what was unpacked aside and judged as a whole comes into the volume.

A crash at any point of it ends, after the next start, with all of it or nothing in the volume, and with the service as
it was. What is replaced is replaced in place, so a service that keeps running keeps its volume.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from townos.errors import Conflict, NotFound
from townos.names import UnitName
from townos.operations.kinds import Kind, Progress, Step, nothing
from townos.operations.subject import Subject
from townos.storage.archives.merging import MERGING, merge, roll_back
from townos.storage.archives.stopped_service import Services
from townos.storage.paths import VolumePath
from townos.storage.raised_quota import RaisedQuota
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes

UPLOAD: Final = "upload-archive"
FINISH: Final = "finish"
_MERGE: Final = "merge"


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What comes from where into which volume. `scratch` is the name of the directory that the operation owns.

    `service` is what is stopped meanwhile, empty for nothing that runs; `snapshot` is what a rollback restores from.
    `quota` is that of the volume in bytes.
    """

    volume: str
    quota: int
    scratch: str
    service: str
    snapshot: str
    snapshots_kept: int


def merge_kind(volumes: Volumes, services: Services) -> Kind:
    """Return the kind of operation. Until `finish` it can be rolled back."""

    def build(_: Subject, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Merge(msgspec.convert(plan, MergePlan), volumes, services).steps()

    return Kind(UPLOAD, build, no_return=FINISH)


@dataclass(slots=True)
class _Merge:
    plan: MergePlan
    volumes: Volumes
    services: Services
    _as_snapshot: bool = field(default=False, init=False)
    """Whether the volume is known to be, where the archive is concerned, what its snapshot is."""

    def steps(self) -> Sequence[Step]:
        """Return the steps. The scratch directory tells what to roll back, so it goes after that."""
        after_merge = frozenset({_MERGE})
        stop = Step("stop", self._stop, self._start_again, undo_after=after_merge)
        start = Step("start", self._start, self._stop_again)
        return (
            Step("archive", self._require_archive, self._discard, undo_after=after_merge),
            *((stop,) if self.plan.service else ()),
            Step("snapshot", self._snapshot, self._forget_snapshot, undo_after=after_merge),
            Step(_MERGE, self._merge, self._roll_back),
            *((start,) if self.plan.service else ()),
            Step(FINISH, self._finish, nothing),
        )

    async def _require_archive(self, _: Progress) -> None:
        if not await trio.Path(self.volumes.scratch_location(self.plan.scratch)).is_dir():
            raise Conflict("archive.lost")

    async def _discard(self) -> None:
        await self.volumes.discard_scratch(self.plan.scratch)

    async def _stop(self, _: Progress) -> None:
        await self.services.stop(self._service)

    async def _start(self, _: Progress) -> None:
        await self._start_again()

    async def _start_again(self) -> None:
        """Start the service. After a power cut there is none yet: bringing up the packages waits for this to end."""
        try:
            await self.services.require(self._service)
        except NotFound:
            return
        await self.services.start(self._service)

    async def _stop_again(self) -> None:
        await self.services.stop(self._service)

    async def _snapshot(self, _: Progress) -> None:
        await self.volumes.snapshot(self._volume, self._before)
        self._as_snapshot = True

    async def _forget_snapshot(self) -> None:
        await self.volumes.delete_snapshot(self._volume, self._before)

    async def _merge(self, _: Progress) -> None:
        scratch, volume = self._directories
        was_as_snapshot, self._as_snapshot = self._as_snapshot, False
        try:
            await MERGING.run(merge, scratch, volume, trio.from_thread.check_cancelled)
        except BaseException:
            self._as_snapshot = was_as_snapshot  # all that it placed has gone back to where it was
            raise

    async def _roll_back(self) -> None:
        if self._as_snapshot:
            return
        scratch, volume = self._directories
        before = self.volumes.snapshot_location(self._volume, self._before)
        work = partial(MERGING.run, roll_back, scratch, before, volume, trio.from_thread.check_cancelled)
        # Old and new content are in the volume together, and its program may have filled it meanwhile.
        async with RaisedQuota(self.volumes, self._volume, self.plan.quota).by(self.plan.quota):
            await self.volumes.run_with_reserve(work)

    async def _finish(self, _: Progress) -> None:
        await self._discard()
        # After the clock was set back, the snapshot taken before looks oldest.
        await self.volumes.prune(self._volume, self.plan.snapshots_kept, protected={self._before})

    @property
    def _volume(self) -> VolumePath:
        return VolumePath.named(self.plan.volume)

    @property
    def _before(self) -> SnapshotId:
        return SnapshotId.parse(self.plan.snapshot)

    @property
    def _service(self) -> UnitName:
        return UnitName.parse(self.plan.service)

    @property
    def _directories(self) -> tuple[Path, Path]:
        return self.volumes.scratch_location(self.plan.scratch), self.volumes.location(self._volume)

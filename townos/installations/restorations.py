"""Restoring volumes from their snapshots: what the HTTP interface calls."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import trio

from townos.clock import Clock
from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.installations.planning.plans import PausedService, RestorePlan, stored
from townos.installations.planning.present_state import PresentState
from townos.installations.records.store import Records
from townos.installations.steps.restore import RESTORE
from townos.installations.subjects import subject_of
from townos.names import InnerPath
from townos.operations.engine import Operations
from townos.operations.kinds import Plan
from townos.settings.settings import Settings
from townos.storage.history.browsing import require_path
from townos.storage.history.history import require_snapshot
from townos.storage.paths import Area, VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.subjects import subject
from townos.storage.volumes import Volumes


@dataclass(frozen=True, slots=True)
class Restorations:
    """Plans and runs them. `require_ready` raises `Unavailable` while the boot is not done."""

    volumes: Volumes
    records: Records
    present_state: PresentState
    operations: Operations
    settings: Settings
    clock: Clock
    require_ready: Callable[[], None]

    async def restore(
        self, volume: VolumePath, identifier: SnapshotId, path: InnerPath | None, *, operation_id: str = ""
    ) -> None:
        """Make a volume, or one path in it, what a snapshot holds, and return when that is done.

        Raises `NotFound` naming the field, `Invalid` for a path that leads through a link, `NoSpace` beyond the quota,
        what `Operations.run` raises, and `Unavailable` while the boot is not done.
        """
        self.require_ready()
        await require_snapshot(self.volumes, volume, identifier)
        if path is not None:
            location = self.volumes.snapshot_location(volume, identifier)
            await trio.to_thread.run_sync(require_path, location, path)
        planner = partial(self._plan, volume, identifier, path)
        await self.operations.run(RESTORE, subject(volume), planner, operation_id=operation_id)

    async def _plan(self, volume: VolumePath, identifier: SnapshotId, path: InnerPath | None) -> Plan:
        quota = (await self.volumes.get(volume)).quota
        snapshot = await require_snapshot(self.volumes, volume, identifier)
        if path is None and 0 < quota < snapshot.referenced:
            raise NoSpace("storage.snapshot_exceeds_quota", Bytes(snapshot.referenced), Bytes(quota))
        plan = RestorePlan(
            volume=str(volume),
            snapshot=str(identifier),
            before=str(SnapshotId.make(self.clock.now(), SnapshotReason.USER)),
            quota=quota,
            snapshots_kept=await self.settings.integer("snapshots_kept"),
            path=str(path) if path else "",
            service=await self._service(volume) if path is None else None,
        )
        return stored(plan)

    async def _service(self, volume: VolumePath) -> PausedService | None:
        """Return the service that uses a volume; those of a package that is not installed any more have none."""
        if volume.area is not Area.INSTALLED:
            return None
        for package in await self.records.installed():
            if subject_of(package) == subject(volume):
                return await self.present_state.service(package)
        return None

"""Restoring volumes from their snapshots: what the HTTP interface calls."""

from collections.abc import Callable
from functools import partial

import trio

from townos.clock import Clock
from townos.errors import NoSpace
from townos.installations.parts import Parts
from townos.installations.planning.plans import PausedService, RestorePlan, stored
from townos.installations.steps.pausing import paused
from townos.installations.steps.restore import RESTORE, restore_kind
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


class Restorations:
    """Plans and runs them."""

    def __init__(
        self,
        parts: Parts,
        operations: Operations,
        settings: Settings,
        clock: Clock,
        require_ready: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._operations = operations
        self._settings = settings
        self._clock = clock
        self._require_ready = require_ready
        operations.register(restore_kind(parts))

    async def restore(
        self, volume: VolumePath, identifier: SnapshotId, path: InnerPath | None, *, operation_id: str = ""
    ) -> None:
        """Make a volume, or one path in it, what a snapshot holds, and return when that is done.

        Raises `NotFound` naming the field, `Invalid` for a path that leads through a link, `NoSpace` beyond the quota,
        what `Operations.run` raises, and `Unavailable` while the boot is not done.
        """
        self._require_ready()
        await require_snapshot(self._parts.volumes, volume, identifier)
        if path is not None:
            location = self._parts.volumes.snapshot_location(volume, identifier)
            await trio.to_thread.run_sync(require_path, location, path)
        planner = partial(self._plan, volume, identifier, path)
        await self._operations.run(RESTORE, subject(volume), planner, operation_id=operation_id)

    async def _plan(self, volume: VolumePath, identifier: SnapshotId, path: InnerPath | None) -> Plan:
        quota = (await self._parts.volumes.get(volume)).quota
        snapshot = await require_snapshot(self._parts.volumes, volume, identifier)
        if path is None and 0 < quota < snapshot.referenced:
            raise NoSpace("storage.snapshot_exceeds_quota", snapshot.referenced, quota)
        plan = RestorePlan(
            volume=str(volume),
            snapshot=str(identifier),
            before=str(SnapshotId.make(self._clock.now(), SnapshotReason.USER)),
            quota=quota,
            snapshots_kept=await self._settings.integer("snapshots_kept"),
            path=str(path) if path else "",
            service=await self._service(volume) if path is None else None,
        )
        return stored(plan)

    async def _service(self, volume: VolumePath) -> PausedService | None:
        """Return the service that uses a volume; those of a package that is not installed any more have none."""
        if volume.area is not Area.INSTALLED:
            return None
        for package in await self._parts.records.installed():
            if subject_of(package) == subject(volume):
                return await paused(self._parts, package, self._settings)
        return None

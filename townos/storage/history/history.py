"""The snapshots of a volume as people handle them."""

from collections.abc import Sequence
from functools import partial

import trio

from townos.clock import Clock
from townos.errors import Conflict, NotFound
from townos.limits import SNAPSHOT_BROWSE_TIMEOUT_SECONDS, SNAPSHOT_THREADS
from townos.names import InnerPath
from townos.operations.subject import RequireIdle
from townos.posix.checkpoints import within
from townos.settings.numbers import NumericSettings
from townos.storage.btrfs.directories import told
from townos.storage.history.browsing import Entry, entries
from townos.storage.paths import VolumePath
from townos.storage.snapshots import Snapshot, SnapshotId, SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.storage.subjects import subject
from townos.storage.volumes import Volumes


class History:
    """Takes, lists, opens and removes snapshots. All raise `NotFound`, naming the field, for what is not there."""

    def __init__(
        self,
        volumes: Volumes,
        settings: NumericSettings,
        clock: Clock,
        require_idle: RequireIdle,
        *,
        space: SpaceGuard,
    ) -> None:
        self._volumes = volumes
        self._settings = settings
        self._clock = clock
        self._require_idle = require_idle
        self._space = space
        self._threads = trio.CapacityLimiter(SNAPSHOT_THREADS)

    async def list(self, volume: VolumePath) -> Sequence[Snapshot]:
        """Return the snapshots of a volume, newest first."""
        await require_volume(self._volumes, volume)
        return await self._volumes.snapshots(volume)

    async def take(self, volume: VolumePath) -> Snapshot:
        """Take a snapshot; the oldest ones beyond the bound go.

        Raises `Conflict` while an operation works on the volume: it relies on the snapshots that it takes itself. And
        `NoSpace` on a full disk: what is deleted to make space would stay, in the snapshot.
        """
        await require_volume(self._volumes, volume)
        await self._space.require_room()
        self._require_idle(subject(volume))
        identifier = SnapshotId.make(self._clock.now(), SnapshotReason.USER)
        await self._volumes.snapshot(volume, identifier)
        taken = await require_snapshot(self._volumes, volume, identifier)
        await self._prune(volume, identifier)
        return taken

    async def remove(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Delete a snapshot for good. Raises `Conflict` while an operation works on the volume."""
        await require_snapshot(self._volumes, volume, identifier)
        self._require_idle(subject(volume))
        await self._volumes.delete_snapshot(volume, identifier)

    async def browse(self, volume: VolumePath, identifier: SnapshotId, path: InnerPath | None) -> Sequence[Entry]:
        """Return what a directory of a snapshot holds, sorted by name; without a path its top.

        Raises `Invalid` where that is no directory, `Unavailable` when looking takes too long.
        """
        await require_snapshot(self._volumes, volume, identifier)
        location = self._volumes.snapshot_location(volume, identifier)
        work = partial(entries, location, path, within(SNAPSHOT_BROWSE_TIMEOUT_SECONDS))
        return await trio.to_thread.run_sync(work, limiter=self._threads)

    async def _prune(self, volume: VolumePath, taken: SnapshotId) -> None:
        keep = await self._settings.integer("snapshots_kept")
        try:
            # Nothing may come between this and the pruning's place in the queue for the disk: an operation that begins
            # later takes the snapshots that it relies on after it.
            self._require_idle(subject(volume))
        except Conflict:
            return  # the operation prunes when it has ended
        await self._volumes.prune(volume, keep, protected={taken})


async def require_volume(volumes: Volumes, volume: VolumePath) -> None:
    """Raise `NotFound` for a volume that there is not."""
    if not await volumes.exists(volume):
        raise NotFound.at("volume", "storage.not_found", told(volume.parts))


async def require_snapshot(volumes: Volumes, volume: VolumePath, identifier: SnapshotId) -> Snapshot:
    """Return a snapshot. Raises `NotFound`, without the volume too."""
    await require_volume(volumes, volume)
    for snapshot in await volumes.snapshots(volume):
        if snapshot.id == identifier:
            return snapshot
    raise NotFound.at("id", "storage.snapshot_not_found", told(volume.parts), str(identifier))

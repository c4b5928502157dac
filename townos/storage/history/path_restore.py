"""Restoring one path of a volume from a snapshot: the blocking work within quota, disk and time."""

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from townos.concurrency import ThreadBudget
from townos.errors import Conflict, NoSpace, TownError
from townos.i18n import Bytes
from townos.limits import RESTORE_THREADS, VOLUME_CLEARING_TIMEOUT_SECONDS
from townos.names import InnerPath
from townos.posix.checkpoints import within
from townos.storage.btrfs.directories import told
from townos.storage.history.measuring import size_of
from townos.storage.history.path_swap import PathSwap
from townos.storage.paths import VolumePath
from townos.storage.raised_quota import RaisedQuota
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes

log: Final = logging.getLogger(__name__)

_RESTORES: Final = ThreadBudget(RESTORE_THREADS)
_HINDERED: Final = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ELOOP,
        errno.EEXIST,
        errno.ENOTEMPTY,
        errno.EXDEV,
        errno.EPERM,
        errno.EBUSY,
        errno.EINVAL,
    }
)
"""What only the program that uses the volume can be the reason of. The last: it has moved a place into its own copy."""


@dataclass(frozen=True, slots=True)
class PathRestore:
    """One path of a volume with its quota in bytes. Every method may be done again after a crash in its middle."""

    volumes: Volumes
    volume: VolumePath
    path: InnerPath
    quota: int

    async def require_room(self, snapshot: SnapshotId, before: SnapshotId) -> None:
        """Raise `NoSpace` unless what comes fits into the quota without what it replaces, which `before` holds."""
        if not self.quota:
            return
        needed = await self._size(snapshot)
        held = next(one.referenced for one in await self.volumes.snapshots(self.volume) if one.id == before)
        if held + needed <= self.quota:
            return
        # What a volume holds beyond a quota that was lowered hinders nothing that takes no more than what it replaces.
        room = max(self.quota - held, 0) + await self._replaced(before)
        if needed > room:
            raise NoSpace("storage.restore_exceeds_quota", Bytes(needed), Bytes(room))

    async def prepare(self, snapshot: SnapshotId) -> None:
        """Copy the path out of the snapshot, beside what is there. Raises `NoSpace`, `Conflict`, `Invalid`."""
        if self.quota:
            # Old and new are there together for a moment, and a volume that is full could not even hold the new names.
            held = (await self.volumes.get(self.volume)).referenced
            await self._raised_quota.raise_by(max(held - self.quota, 0) + await self._size(snapshot))
        source = self.volumes.snapshot_location(self.volume, snapshot)
        await self._work(partial(self._path_swap.prepare, source, trio.from_thread.check_cancelled))

    async def swap(self) -> None:
        """Put the copy to its place, in one step. Raises `Conflict`."""
        await self._work(self._path_swap.swap)

    async def swap_back(self) -> None:
        """Undo `swap`. Raises `Conflict`."""
        await self._work(self._path_swap.swap_back)

    async def clear(self) -> None:
        """Delete what is not in the volume to stay; whatever a program hinders stays until the next time."""
        try:
            await self._work(partial(self._path_swap.clear, within(VOLUME_CLEARING_TIMEOUT_SECONDS)))
        except TownError as error:
            log.warning("what was replaced in %s could not be deleted: %s", self.volume, error)
        await self._raised_quota.lower()

    @property
    def _raised_quota(self) -> RaisedQuota:
        return RaisedQuota(self.volumes, self.volume, self.quota)

    @property
    def _path_swap(self) -> PathSwap:
        return PathSwap(self.volumes.location(self.volume), self.path)

    async def _size(self, snapshot: SnapshotId) -> int:
        location = self.volumes.snapshot_location(self.volume, snapshot)
        return await _RESTORES.run(size_of, location, self.path, trio.from_thread.check_cancelled)

    async def _replaced(self, before: SnapshotId) -> int:
        try:
            return await self._size(before)
        except TownError:  # nothing is there, or nothing that could be measured: it counts as staying
            return 0

    async def _work(self, work: Callable[[], None]) -> None:
        """Do blocking work, perhaps twice, that lasts through a power cut."""
        try:
            await self.volumes.run_with_reserve(partial(_RESTORES.run, work))
            await self.volumes.commit()
        except OSError as error:
            if error.errno == errno.EDQUOT:
                raise NoSpace("storage.quota_reached", told(self.volume.parts), Bytes(self.quota)) from error
            if error.errno == errno.ENOSPC:
                usage = await self.volumes.usage()
                raise NoSpace("storage.full", Bytes(usage.available), Bytes(usage.total)) from error
            if error.errno in _HINDERED:
                raise Conflict("storage.changed_meanwhile") from error
            raise

"""Volumes on btrfs.

Only the root names, the volumes and their snapshots are subvolumes; between them are plain directories. A volume is
made in a place of its own and moved to where it belongs once its limit is set: nobody ever sees one without.
"""

import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from townos.concurrency import shielded
from townos.errors import NoSpace, Unavailable
from townos.i18n import Bytes
from townos.limits import BTRFS_COMMAND_TIMEOUT_SECONDS
from townos.names import InnerPath
from townos.posix.entries import is_empty
from townos.posix.process import ProcessFailed
from townos.posix.reserve import Reserve
from townos.storage.btrfs import directories, moves, tree_search
from townos.storage.btrfs.directories import told
from townos.storage.btrfs.disk import Disk
from townos.storage.btrfs.new_files import add_file
from townos.storage.btrfs.snapshots import BtrfsSnapshots
from townos.storage.btrfs.staging import staged as staged_parts
from townos.storage.btrfs.subvolumes import commit, subvolume_id
from townos.storage.paths import Area, VolumePath
from townos.storage.volumes import DiskUsage, Owner, Scratch, Volume

log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class BtrfsVolumes(BtrfsSnapshots):
    """The volumes below one btrfs mount point."""

    def __init__(self, root: Path, reserve: Reserve | None = None) -> None:
        super().__init__(Disk(root, reserve))

    def location(self, path: VolumePath) -> Path:
        """Return the absolute path of a volume."""
        return self._disk.location(path.parts)

    async def ensure_roots(self, kept: Collection[str] = ()) -> None:
        """Make the root names that are missing, keep all of them private, and sweep what crashes have left."""
        async with self._disk.changes:
            await self._disk.make_roots()
            await self._count_use()
            await self._staging.sweep(kept)
            await self._disk.clear_stale_quota_groups()

    async def _count_use(self) -> None:
        try:
            await self._disk.enable_quotas()
            await self._disk.count_again()
        except (ProcessFailed, NoSpace) as error:  # volumes without a quota work all the same
            log.warning("what volumes use is not known: %s", error)

    async def count_again(self) -> None:
        """Let what volumes use be counted anew where the kernel has lost count."""
        async with self._disk.changes:
            await self._count_use()

    async def create(self, path: VolumePath, quota: int) -> None:
        """Make a volume. Raises `Conflict`."""
        async with self._disk.changes, self._staging.subvolume(quota) as staged:
            await self._disk.look(partial(moves.put, staged=staged, path=path))

    async def ensure(self, path: VolumePath, quota: int) -> None:
        """Make the volume unless it is there, and set its quota."""
        if await self.exists(path):
            await self.set_quota(path, quota)
        else:
            await self.create(path, quota)

    @asynccontextmanager
    async def staged(self, path: VolumePath, quota: int) -> AsyncIterator[Path]:
        """Give an empty directory that becomes the volume. Raises `Conflict`."""
        async with self._aside(quota) as staged:
            yield self._disk.location(staged)
            await self._disk.commit()  # the place must not last through a power cut without the content
            async with self._disk.changes:
                await self._disk.look(partial(moves.replace, staged=staged, path=path, only_empty=True))

    @asynccontextmanager
    async def scratch(self, quota: int) -> AsyncIterator[Scratch]:
        """Give an empty directory, for a while or for longer."""
        async with self._disk.changes:
            staged = await self._staging.make(quota)
        scratch = Scratch(staged[-1], self._disk.location(staged))
        try:
            yield scratch
        finally:
            if not scratch.kept:
                await self.discard_scratch(scratch.name)

    def scratch_location(self, name: str) -> Path:
        """Return the absolute path of a scratch directory. Raises `Invalid`."""
        return self._disk.location(staged_parts(name))

    async def discard_scratch(self, name: str) -> None:
        """Delete a scratch directory. Cannot be cancelled. Raises `Invalid`."""
        with shielded(BTRFS_COMMAND_TIMEOUT_SECONDS, "deleting a scratch directory"):
            async with self._disk.changes:
                await self._staging.discard(staged_parts(name))

    @asynccontextmanager
    async def frozen(self, path: VolumePath) -> AsyncIterator[Path]:
        """Give a copy of a volume for a while. Raises `NotFound`."""
        await self._require(path)
        async with self._aside(0, path.parts) as staged:
            yield self._disk.location(staged)

    @asynccontextmanager
    async def _aside(self, quota: int, source: Sequence[str] = ()) -> AsyncIterator[Sequence[str]]:
        """Give a staged subvolume, which others need not wait for."""
        async with self._disk.changes:
            staged = await self._staging.make(quota, source)
        try:
            yield staged
        finally:
            await self.discard_scratch(staged[-1])

    async def add_file(self, volume: VolumePath, path: InnerPath, content: bytes, owner: Owner | None) -> bool:
        """Write a new file, unless anything is there. Raises `NotFound`, `Invalid`, `NoSpace`."""
        return await self._disk.look(partial(_add_file, volume=volume, path=path, content=content, owner=owner))

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        """Limit a volume; 0 lifts the limit. Raises `NotFound`."""
        async with self._disk.changes:
            if quota == (await self.get(path)).quota:
                return
            await self._disk.limit(path.parts, quota)
            await self._disk.commit()

    async def delete(self, path: VolumePath) -> None:
        """Delete a volume with all in it and with its snapshots."""
        async with self._disk.changes:
            # The snapshots first: a crash must not leave any, which the next volume of this name would seem to have.
            await self._delete_snapshots(path, [snapshot.id for snapshot in await self.snapshots(path)])
            await self._disk.delete(path.parts)
            await self._disk.clear_stale_quota_groups()
            await self._disk.commit()

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        """Move a volume with its snapshots. Raises `NotFound`, `Conflict`."""
        async with self._disk.changes:
            # A client that disconnects must not leave the snapshots behind.
            with shielded(BTRFS_COMMAND_TIMEOUT_SECONDS, "moving snapshots"):
                await self._disk.look(partial(moves.rename_volume, old=old, new=new))
                await self._move_snapshots(old, new)
                await self._disk.commit()

    async def commit(self) -> None:
        """Make what others have written into volumes last through a power cut."""
        await self._disk.commit()

    async def run_with_reserve(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work; where the disk is full, give up a part of the reserve and do it again."""
        return await self._disk.reserve.run_async(work)

    async def exists(self, path: VolumePath) -> bool:
        """Tell whether there is such a volume."""
        return await self._disk.is_there(path.parts)

    async def is_empty(self, path: VolumePath) -> bool:
        """Tell whether nothing is in a volume. Raises `NotFound`."""
        return await self._disk.read(partial(_is_empty, path=path))

    async def get(self, path: VolumePath) -> Volume:
        """Return one volume. Raises `NotFound`."""
        return await self._disk.read(partial(_seen, path=path))

    async def list(self) -> list[Volume]:
        """Return all volumes, sorted by path."""
        try:
            return await self._disk.read(_listed)
        except Unavailable:
            return []

    async def count(self) -> Mapping[Area, int]:
        """Return how many volumes each area has."""
        try:
            return await self._disk.read(_counted)
        except Unavailable:
            return dict.fromkeys(Area, 0)

    async def usage(self) -> DiskUsage:
        """Return how full the disk is."""
        return await self._disk.usage()


def _listed(top: int) -> list[Volume]:
    found = sorted(directories.volumes(top))
    quotas, spaces = (tree_search.limits(top), tree_search.spaces(top)) if found else ({}, {})
    return [Volume(path, quotas.get(identity, 0), *spaces.get(identity, (0, 0))) for path, identity in found]


def _counted(top: int) -> Mapping[Area, int]:
    areas = [path.area for path, _ in directories.volumes(top)]
    return {area: areas.count(area) for area in Area}


def _seen(top: int, path: VolumePath) -> Volume:
    with directories.volume(top, path) as descriptor:
        identity = subvolume_id(descriptor)
        return Volume(path, tree_search.limit_of(top, identity), *tree_search.space_of(top, identity))


def _is_empty(top: int, path: VolumePath) -> bool:
    with directories.volume(top, path) as descriptor:
        return is_empty(descriptor)


def _add_file(top: int, volume: VolumePath, path: InnerPath, content: bytes, owner: Owner | None) -> bool:
    with directories.volume(top, volume) as descriptor:
        try:
            added = add_file(descriptor, volume, path, content, owner)
            commit(top)
        except OSError as error:
            if error.errno != errno.EDQUOT:
                raise
            limit = tree_search.limit_of(top, subvolume_id(descriptor))
            raise NoSpace("storage.quota_reached", told(volume.parts), Bytes(limit)) from error
    return added

"""Snapshots on btrfs: read-only subvolumes below the root `snapshots`, in a directory of the volume's own path."""

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from townos.errors import NotFound
from townos.posix.entries import names
from townos.storage.btrfs import directories, moves, tree_search
from townos.storage.btrfs.directories import told
from townos.storage.btrfs.disk import Disk
from townos.storage.btrfs.staging import Staging
from townos.storage.btrfs.subvolumes import subvolume_id
from townos.storage.paths import VolumePath, snapshots_of
from townos.storage.snapshots import Snapshot, SnapshotId, excess_snapshots


class BtrfsSnapshots:
    """The snapshots of the volumes of a disk, and volumes made of snapshots."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._staging = Staging(disk)

    async def snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Take a snapshot. Raises `NotFound`."""
        target = _parts(volume, identifier)
        async with self._disk.changes:
            if await self._disk.is_there(target):
                return
            await self._require(volume)
            await self._disk.snapshot(volume.parts, target, read_only=True)
            await self._disk.commit()

    async def snapshots(self, volume: VolumePath) -> list[Snapshot]:
        """Return the snapshots of a volume, newest first."""
        found = await self._disk.read(partial(_found, volume=volume))
        return sorted(found, key=lambda snapshot: snapshot.id, reverse=True)

    async def delete_snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Delete a snapshot, if it is there."""
        async with self._disk.changes:
            await self._delete_snapshots(volume, [identifier])

    def snapshot_location(self, volume: VolumePath, identifier: SnapshotId) -> Path:
        """Return the absolute path of a snapshot."""
        return self._disk.location(_parts(volume, identifier))

    async def prune(self, volume: VolumePath, keep: int, *, protected: Collection[SnapshotId] = ()) -> None:
        """Delete the oldest snapshots of a volume beyond the bound, but no protected ones."""
        async with self._disk.changes:
            await self._delete_snapshots(volume, excess_snapshots(await self.snapshots(volume), keep, protected))

    async def restore(self, volume: VolumePath, identifier: SnapshotId, quota: int) -> None:
        """Make the volume a copy of the snapshot. Raises `NotFound`, `Conflict`."""
        source = _parts(volume, identifier)
        async with self._disk.changes:
            if not await self._disk.is_there(source):
                raise NotFound("storage.snapshot_not_found", told(volume.parts), identifier)
            async with self._staging.subvolume(quota, source) as staged:
                await self._disk.look(partial(moves.replace, staged=staged, path=volume, only_empty=False))
            await self._disk.clear_stale_quota_groups()

    async def move_to_snapshots(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Move a volume among its own snapshots."""
        async with self._disk.changes:
            await self._disk.look(partial(moves.move_to_snapshots, volume=volume, identifier=identifier))
            await self._disk.delete_nested(_parts(volume, identifier))
            await self._disk.look(partial(moves.freeze, parts=_parts(volume, identifier)))

    async def copy(self, source: VolumePath, target: VolumePath, quota: int) -> None:
        """Make a copy of a volume. Raises `NotFound`, `Conflict`."""
        async with self._disk.changes:
            await self._require(source)
            async with self._staging.subvolume(quota, source.parts) as staged:
                await self._disk.look(partial(moves.put, staged=staged, path=target))

    async def _require(self, volume: VolumePath) -> None:
        if not await self._disk.is_there(volume.parts):
            raise NotFound("storage.not_found", told(volume.parts))

    async def _delete_snapshots(self, volume: VolumePath, identifiers: list[SnapshotId]) -> None:
        for identifier in identifiers:
            await self._disk.delete(_parts(volume, identifier))
        if identifiers:
            await self._disk.clear_stale_quota_groups()
            await self._disk.commit()

    async def _move_snapshots(self, old: VolumePath, new: VolumePath) -> None:
        if await self._disk.look(partial(moves.move_snapshots, old=old, new=new)):
            return
        for joining in await self.snapshots(old):
            if not await self._disk.is_there(_parts(new, joining.id)):
                await self._disk.snapshot(_parts(old, joining.id), _parts(new, joining.id), read_only=True)
            await self._disk.delete(_parts(old, joining.id))


def _parts(volume: VolumePath, identifier: SnapshotId) -> tuple[str, ...]:
    return (*snapshots_of(volume), str(identifier))


def _found(top: int, volume: VolumePath) -> list[Snapshot]:
    with directories.descended(top, snapshots_of(volume)) as directory:
        return [] if directory is None else list(_in_directory(directory))


def _in_directory(directory: int) -> Iterator[Snapshot]:
    for identifier in SnapshotId.among(names(directory)):
        with directories.subvolume(directory, [str(identifier)]) as descriptor:
            if descriptor is not None:
                yield Snapshot(identifier, *tree_search.space_of(descriptor, subvolume_id(descriptor)))

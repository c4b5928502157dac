"""Moving subvolumes to and from the places of volumes. Everything here blocks and runs in a worker thread."""

import os
from collections.abc import Sequence

from townos.errors import Conflict, NotFound
from townos.posix.entries import is_empty
from townos.posix.files import exchange
from townos.storage.btrfs import directories
from townos.storage.btrfs.directories import told
from townos.storage.btrfs.subvolumes import commit, make_read_only
from townos.storage.paths import VolumePath, snapshots_of
from townos.storage.snapshots import SnapshotId


def move(top: int, old: Sequence[str], new: Sequence[str]) -> None:
    """Rename a subvolume or a plain directory. Raises `NotFound`, `Conflict` and `Invalid`."""
    with directories.above(top, old) as source, directories.parent(top, new) as target:
        os.rename(old[-1], new[-1], src_dir_fd=source, dst_dir_fd=target)
    directories.remove_empty_parents(top, old)


def put(top: int, staged: Sequence[str], path: VolumePath) -> None:
    """Give a staged subvolume the place of a volume that is not there. Raises `Conflict` and `Invalid`."""
    move(top, staged, path.parts)
    commit(top)


def replace(top: int, staged: Sequence[str], path: VolumePath, *, only_empty: bool) -> None:
    """Give a staged subvolume the place of a volume, which is then in its own; there is no moment with none.

    No volume: as `put`. Raises `Conflict` when the volume is not empty and has to be.
    """
    with directories.subvolume(top, path.parts) as there:
        if there is None:
            put(top, staged, path)
            return
        if only_empty and not is_empty(there):
            raise Conflict("storage.not_empty", told(path.parts))
    with directories.above(top, staged) as source, directories.above(top, path.parts) as target:
        exchange(source, staged[-1], target, path.parts[-1])
    commit(top)


def rename_volume(top: int, old: VolumePath, new: VolumePath) -> None:
    """Rename a volume, unless an earlier attempt did. Raises `NotFound`, `Conflict` and `Invalid`."""
    with directories.subvolume(top, old.parts) as source, directories.subvolume(top, new.parts) as target:
        there, moved = source is not None, target is not None
    if there:
        move(top, old.parts, new.parts)
    elif not moved:
        raise NotFound("storage.not_found", told(old.parts))


def move_snapshots(top: int, old: VolumePath, new: VolumePath) -> bool:
    """Rename the directory of a volume's snapshots; return False if there is one already that they have to join.

    They cannot be moved one by one: the kernel moves no read-only subvolume into another directory.
    """
    source, target = snapshots_of(old), snapshots_of(new)
    with directories.descended(top, source) as moved, directories.descended(top, target) as taken:
        needed, free = moved is not None, taken is None
    if needed and free:
        move(top, source, target)
    return free or not needed


def move_to_snapshots(top: int, volume: VolumePath, identifier: SnapshotId) -> None:
    """Move a volume among its own snapshots, unless that one is there. Raises `Invalid`."""
    target = (*snapshots_of(volume), str(identifier))
    with directories.subvolume(top, volume.parts) as source, directories.descended(top, target) as taken:
        needed = source is not None and taken is None
    if needed:
        move(top, volume.parts, target)


def freeze(top: int, parts: Sequence[str]) -> None:
    """Make a subvolume read-only, if it is there."""
    with directories.subvolume(top, parts) as descriptor:
        if descriptor is not None:
            make_read_only(descriptor)

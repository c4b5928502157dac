"""Volumes on btrfs: btrfs-progs change them, and the kernel says what is there.

Only the root names and the volumes are subvolumes; between them are plain directories. Quota groups are the classic
ones always: simple quotas charge the first owner only, so a restored snapshot would escape its limit. Nothing waits
for deleted subvolumes to be cleaned up: that takes up to 30 s.
"""

import errno
import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import trio

from townos.errors import Conflict, Invalid, NoSpace, NotFound, Unavailable
from townos.limits import BTRFS_COMMAND_TIMEOUT_SECONDS, STORAGE_THREADS
from townos.process import Completed, ProcessFailed, run
from townos.storage import directories, trees
from townos.storage.directories import told
from townos.storage.paths import ROOTS, Area, VolumePath
from townos.storage.volumes import DiskUsage, Volume

log: Final = logging.getLogger(__name__)
T = TypeVar("T")

NO_LIMIT: Final = "none"


class BtrfsVolumes:
    """The volumes below one btrfs mount point."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._quotas_enabled = False
        self._threads = trio.CapacityLimiter(STORAGE_THREADS)
        self._changes = trio.Lock()  # one change at a time: a directory must not vanish as empty while another fills it

    def location(self, path: VolumePath) -> Path:
        """Return the absolute path of a volume."""
        return self._root.joinpath(*path.parts)

    async def ensure_roots(self) -> None:
        """Make the root names that are missing, and keep all of them private."""
        missing = await self._on_disk(_missing_roots)
        async with self._changes:
            for name in missing:
                await self._btrfs("subvolume", "create", str(self._root / name))
            await self._on_disk(_keep_roots_private)
            await self._clear_stale_quota_groups()

    async def create(self, path: VolumePath, quota: int) -> None:
        """Make a volume. Raises `Conflict`."""
        async with self._changes:
            await self._create(path)
            try:
                if quota:
                    await self._limit(path, quota)
            except BaseException:
                with trio.CancelScope(shield=True):
                    await self._delete(path)
                raise
            await self._on_disk(directories.commit)

    async def ensure(self, path: VolumePath, quota: int) -> None:
        """Make the volume unless it is there, and set its quota."""
        if await self.exists(path):
            await self.set_quota(path, quota)
        else:
            await self.create(path, quota)

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        """Limit a volume; 0 lifts the limit. Raises `NotFound`."""
        async with self._changes:
            if quota == (await self.get(path)).quota:
                return
            await self._limit(path, quota)
            await self._on_disk(directories.commit)

    async def delete(self, path: VolumePath) -> None:
        """Delete a volume with all in it."""
        async with self._changes:
            await self._delete(path)
            await self._on_disk(directories.commit)

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        """Move a volume. Raises `NotFound`, `Conflict`."""
        async with self._changes:
            await self._on_disk(partial(_rename, old=old, new=new))

    async def exists(self, path: VolumePath) -> bool:
        """Tell whether there is such a volume."""
        return await self._on_disk(partial(_identify, path=path)) is not None

    async def get(self, path: VolumePath) -> Volume:
        """Return one volume. Raises `NotFound`."""
        identity = await self._identity(path)
        return Volume(path, (await self._on_disk(trees.limits)).get(identity, 0))

    async def list(self) -> list[Volume]:
        """Return all volumes, sorted by path."""
        try:
            found = await self._on_disk(lambda top: sorted(directories.volumes(top)))
        except Unavailable:
            return []
        quotas = await self._on_disk(trees.limits) if found else {}
        return [Volume(path, quotas.get(identity, 0)) for path, identity in found]

    async def count(self) -> Mapping[Area, int]:
        """Return how many volumes each area has."""
        try:
            return await self._on_disk(_counted)
        except Unavailable:
            return dict.fromkeys(Area, 0)

    async def usage(self) -> DiskUsage:
        """Return how full the disk is."""
        try:
            figures = await self._on_disk(os.fstatvfs)
        except Unavailable:
            return DiskUsage(0, 0, 0)
        block = figures.f_frsize
        used = (figures.f_blocks - figures.f_bfree) * block
        return DiskUsage(total=figures.f_blocks * block, used=used, available=figures.f_bavail * block)

    async def _create(self, path: VolumePath) -> None:
        await self._on_disk(partial(_prepare_parent, path=path))
        try:
            await self._btrfs("subvolume", "create", str(self.location(path)))
        except BaseException:
            with trio.CancelScope(shield=True):
                await self._on_disk(partial(directories.remove_empty_parents, path=path))
            raise

    async def _delete(self, path: VolumePath) -> None:
        identity = await self._on_disk(partial(_identify, path=path))
        if identity is not None:
            await self._delete_nested(identity)
            await self._btrfs("subvolume", "delete", str(self.location(path)))
            await self._clear_stale_quota_groups()
        await self._on_disk(partial(directories.remove_empty_parents, path=path))

    async def _delete_nested(self, identity: int) -> None:
        """Delete the subvolumes inside one, deepest first: any process in a container may have made some."""
        for nested in await self._on_disk(lambda top: trees.subvolumes_inside(top, identity)):
            await self._btrfs("subvolume", "delete", "--subvolid", str(nested), str(self._root))

    async def _limit(self, path: VolumePath, quota: int) -> None:
        if quota and not self._quotas_enabled:
            await self._btrfs("quota", "enable", str(self._root))
            self._quotas_enabled = True
        await self._btrfs("qgroup", "limit", str(quota) if quota else NO_LIMIT, str(self.location(path)))

    async def _clear_stale_quota_groups(self) -> None:
        """Remove the groups of deleted subvolumes.

        Recent kernels do it themselves once the subvolume is gone for good. Until then removing is refused; the group
        goes at a later call.
        """
        completed = await self._btrfs("qgroup", "clear-stale", str(self._root), check=False)
        if completed.returncode:
            log.debug("stale quota groups stay until the next time: %s", completed.stderr.decode(errors="replace"))

    async def _identity(self, path: VolumePath) -> int:
        identity = await self._on_disk(partial(_identify, path=path))
        if identity is None:
            raise NotFound("storage.not_found", told(path))
        return identity

    async def _on_disk(self, work: Callable[[int], T]) -> T:
        """Run blocking work on the open root in a worker thread."""

        def on_root() -> T:
            with directories.root(self._root) as top:
                return work(top)

        try:
            return await trio.to_thread.run_sync(on_root, limiter=self._threads)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise await self._full() from error
            raise

    async def _full(self) -> NoSpace:
        usage = await self.usage()
        return NoSpace("storage.full", usage.available, usage.total)

    async def _btrfs(self, *arguments: str, check: bool = True) -> Completed:
        try:
            return await run(["btrfs", *arguments], timeout=BTRFS_COMMAND_TIMEOUT_SECONDS, check=check)
        except ProcessFailed as error:
            if "No space left on device" in error.stderr:
                raise await self._full() from error
            raise


def _missing_roots(top: int) -> list[str]:
    there = set(os.listdir(top))
    return [name for name in ROOTS if name not in there]


def _keep_roots_private(top: int) -> None:
    for name in ROOTS:
        directories.keep_private(top, name)
    directories.commit(top)


def _counted(top: int) -> Mapping[Area, int]:
    areas = [path.area for path, _ in directories.volumes(top)]
    return {area: areas.count(area) for area in Area}


def _identify(top: int, path: VolumePath) -> int | None:
    with directories.volume(top, path) as descriptor:
        return None if descriptor is None else directories.subvolume_id(descriptor)


def _prepare_parent(top: int, path: VolumePath) -> None:
    try:
        with directories.parent(top, path):
            return
    except (Conflict, Invalid):
        directories.remove_empty_parents(top, path)
        raise


def _rename(top: int, old: VolumePath, new: VolumePath) -> None:
    if _identify(top, old) is None:
        raise NotFound("storage.not_found", told(old))
    try:
        with directories.parent(top, new) as target, directories.above(top, old) as source:
            os.rename(old.parts[-1], new.parts[-1], src_dir_fd=source, dst_dir_fd=target)
    except BaseException:
        directories.remove_empty_parents(top, new)
        raise
    directories.remove_empty_parents(top, old)
    directories.commit(top)

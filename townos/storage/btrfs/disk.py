"""One btrfs file system: btrfs-progs change its subvolumes, and worker threads look at it.

Quota groups are the classic ones always: simple quotas charge the first owner only, so a restored snapshot would escape
its limit. Nothing waits for deleted subvolumes to be cleaned up: that takes up to 30 s.

Where no space is left even for a name, the reserve is given up and the work done again: what frees space must work.
"""

import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import trio

from townos.concurrency import on_failure
from townos.errors import NoSpace, NotFound, Unavailable
from townos.i18n import Bytes
from townos.limits import BTRFS_COMMAND_TIMEOUT_SECONDS, CLEANUP_TIMEOUT_SECONDS, STORAGE_THREADS
from townos.posix.entries import names
from townos.posix.no_space import is_disk_full, is_out_of_space
from townos.posix.process import Completed, ProcessFailed, run
from townos.posix.reserve import Reserve
from townos.storage.btrfs import directories, tree_search
from townos.storage.btrfs.directories import told
from townos.storage.btrfs.subvolumes import commit, subvolume_id
from townos.storage.paths import ROOTS
from townos.storage.volumes import DiskUsage

log: Final = logging.getLogger(__name__)
T = TypeVar("T")

NO_LIMIT: Final = "none"


class Disk:
    """The subvolumes below one btrfs mount point, by the components of their paths.

    Whoever changes something holds `changes`: a directory must not vanish as empty while another fills it.
    """

    def __init__(self, root: Path, reserve: Reserve | None = None) -> None:
        self.root = root
        self.reserve: Final = reserve or Reserve(None)
        self.changes = trio.Lock()
        self._quotas_enabled = False
        self._threads = trio.CapacityLimiter(STORAGE_THREADS)

    def location(self, parts: Sequence[str]) -> Path:
        """Return the absolute path of something."""
        return self.root.joinpath(*parts)

    async def read(self, work: Callable[[int], T]) -> T:
        """Do as `look` does, for work that changes nothing: whoever does not wait any longer leaves its thread behind.

        So a disk that hangs holds up nobody who gives up in time.
        """
        return await self._run(work, abandon=True)

    async def look(self, work: Callable[[int], T]) -> T:
        """Run blocking work on the open root in a worker thread. Raises `Unavailable`, `NoSpace`.

        The work may be done twice.
        """
        return await self._run(work, abandon=False)

    async def _run(self, work: Callable[[int], T], *, abandon: bool) -> T:
        def on_root() -> T:
            with directories.root(self.root) as top:
                return work(top)

        in_thread = partial(trio.to_thread.run_sync, on_root, abandon_on_cancel=abandon, limiter=self._threads)
        try:
            return await self.reserve.run_async(in_thread)
        except OSError as error:
            if is_out_of_space(error):
                raise await self._full() from error
            raise

    async def commit(self) -> None:
        """Make all that was done last through a power cut."""
        await self.look(commit)

    async def is_there(self, parts: Sequence[str]) -> bool:
        """Tell whether there is such a subvolume. Raises `Invalid` for a symbolic link in its path."""
        return await self.read(partial(_is_there, parts=parts))

    async def usage(self) -> DiskUsage:
        """Return how full the disk is. Nothing is available as long as the reserve is not whole."""
        try:
            figures = await self.read(os.fstatvfs)
        except Unavailable:
            return DiskUsage(0, 0, 0)
        block = figures.f_frsize
        used = (figures.f_blocks - figures.f_bfree) * block
        return DiskUsage(figures.f_blocks * block, used, 0 if self.reserve.is_short else figures.f_bavail * block)

    async def make_roots(self) -> None:
        """Make the root names that are missing, and keep all of them private."""
        for name in await self.read(_missing_roots):
            await self._btrfs("subvolume", "create", str(self.root / name))
        await self.look(_keep_roots_private)

    async def create(self, parts: Sequence[str]) -> None:
        """Make an empty subvolume. Raises `Conflict`, `Invalid`, and `Unavailable` where its root is missing."""
        await self._make("create", target=parts)

    async def snapshot(self, source: Sequence[str], target: Sequence[str], *, read_only: bool = False) -> None:
        """Make a subvolume with what another one holds now, and its limit. Raises `Conflict` and `Invalid`."""
        flags = ["-r"] if read_only else []
        await self._make("snapshot", *flags, str(self.location(source)), target=target)

    async def enable_quotas(self) -> None:
        """Let the kernel count what each subvolume holds, and stop it at limits. Done before: nothing to do."""
        if not self._quotas_enabled:
            await self._btrfs("quota", "enable", str(self.root))
            self._quotas_enabled = True

    async def count_again(self) -> None:
        """Let the kernel count anew, in the background, if it has lost count: until it has, no limit holds anything.

        It loses count by itself, as when a large subvolume is deleted, or with a crash, and says so in its log only.
        """
        if await self.read(tree_search.counts_are_lost):
            log.warning("the kernel has lost count of what volumes use, and counts again")
            await self._btrfs("quota", "rescan", str(self.root))

    async def limit(self, parts: Sequence[str], quota: int) -> None:
        """Limit a subvolume to so many bytes; 0 lifts the limit."""
        if quota:
            await self.enable_quotas()
        identity = await self.read(partial(_identity, parts=parts))
        # By its number: the kernel changes no limit by the path of what exceeds it, which then could never be raised.
        limit = str(quota) if quota else NO_LIMIT
        await self._btrfs("qgroup", "limit", limit, f"0/{identity}", str(self.root))

    async def limit_of(self, parts: Sequence[str]) -> int:
        """Return the limit of a subvolume in bytes; 0 is none."""
        return await self.read(lambda top: tree_search.limit_of(top, _identity(top, parts)))

    async def delete(self, parts: Sequence[str]) -> None:
        """Delete a subvolume with all in it, if it is there, and the directories above it that become empty."""
        if await self.is_there(parts):
            await self.delete_nested(parts)
            await self._btrfs("subvolume", "delete", str(self.location(parts)))
        await self.look(partial(directories.remove_empty_parents, parts=parts))

    async def delete_nested(self, parts: Sequence[str]) -> None:
        """Delete the subvolumes inside one, deepest first: any process in a container may have made some."""
        for nested in await self.read(partial(_nested, parts=parts)):
            await self._btrfs("subvolume", "delete", "--subvolid", str(nested), str(self.root))

    async def clear_stale_quota_groups(self) -> None:
        """Remove the groups of deleted subvolumes.

        Recent kernels do it themselves once the subvolume is gone for good. Until then removing is refused; the group
        goes at a later call.
        """
        completed = await self._btrfs("qgroup", "clear-stale", str(self.root), check=False)
        if completed.returncode:
            log.debug("stale quota groups stay until the next time: %s", completed.stderr.decode(errors="replace"))

    async def _make(self, *arguments: str, target: Sequence[str]) -> None:
        """Make a subvolume, and the directories above it that are missing."""
        await self.look(partial(_prepare, parts=target))
        clean = partial(self.look, partial(directories.remove_empty_parents, parts=target))
        async with on_failure(clean, CLEANUP_TIMEOUT_SECONDS, "deleting empty directories"):
            await self._btrfs("subvolume", *arguments, str(self.location(target)))

    async def _full(self) -> NoSpace:
        usage = await self.usage()
        return NoSpace("storage.full", Bytes(usage.available), Bytes(usage.total))

    async def _btrfs(self, *arguments: str, check: bool = True) -> Completed:
        command = partial(run, ["btrfs", *arguments], timeout=BTRFS_COMMAND_TIMEOUT_SECONDS, check=check)
        try:
            return await self.reserve.run_async(command)
        except ProcessFailed as error:
            if is_disk_full(error):
                raise await self._full() from error
            raise


def _missing_roots(top: int) -> list[str]:
    there = set(names(top))
    return [name for name in ROOTS if name not in there]


def _keep_roots_private(top: int) -> None:
    for name in ROOTS:
        directories.keep_private(top, name)
    commit(top)


def _prepare(top: int, parts: Sequence[str]) -> None:
    with directories.parent(top, parts):
        return


def _identity(top: int, parts: Sequence[str]) -> int:
    with directories.subvolume(top, parts) as descriptor:
        if descriptor is None:
            raise NotFound("storage.not_found", told(parts))
        return subvolume_id(descriptor)


def _is_there(top: int, parts: Sequence[str]) -> bool:
    with directories.subvolume(top, parts) as descriptor:
        return descriptor is not None


def _nested(top: int, parts: Sequence[str]) -> list[int]:
    with directories.subvolume(top, parts) as descriptor:
        return [] if descriptor is None else tree_search.subvolumes_inside(top, subvolume_id(descriptor))

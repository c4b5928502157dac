"""Volumes that are not finished yet: made where only root reaches them, and moved to their place when whole."""

import re
import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

from townos.concurrency import shielded
from townos.errors import Invalid
from townos.limits import BTRFS_COMMAND_TIMEOUT_SECONDS
from townos.posix.entries import names
from townos.storage.btrfs import directories
from townos.storage.btrfs.disk import Disk
from townos.storage.paths import STAGING

_NAME: Final = re.compile(r"[0-9a-f]{16}")


class Staging:
    """The unfinished subvolumes of a disk. Whoever calls this holds the disk's `changes`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._in_use: set[str] = set()

    @asynccontextmanager
    async def subvolume(self, quota: int, source: Sequence[str] = ()) -> AsyncIterator[Sequence[str]]:
        """Give a new subvolume for the time of a block.

        What is at its place when the block ends is deleted: nothing, if the subvolume was moved away, or what it was
        exchanged with.
        """
        parts = await self.make(quota, source)
        try:
            yield parts
        finally:
            await self.discard(parts)

    async def make(self, quota: int, source: Sequence[str] = ()) -> Sequence[str]:
        """Make a subvolume with its limit, empty or a copy of another one; return the components of its path.

        Raises `Unavailable` where there are no roots.
        """
        parts = staged(secrets.token_hex(8))
        self._in_use.add(parts[-1])
        try:
            await (self._disk.snapshot(source, parts) if source else self._disk.create(parts))
            if quota or (source and await self._disk.limit_of(parts)):  # a snapshot has the limit of its source
                await self._disk.limit(parts, quota)
        except BaseException:
            await self.discard(parts)
            raise
        return parts

    async def discard(self, parts: Sequence[str]) -> None:
        """Delete what is at the place of a subvolume that was made. Cannot be cancelled."""
        try:
            with shielded(BTRFS_COMMAND_TIMEOUT_SECONDS, "deleting a staged volume"):
                await self._disk.delete(parts)
        finally:
            self._in_use.discard(parts[-1])

    async def sweep(self, kept: Collection[str]) -> None:
        """Delete what crashes have left, but for what something is going to go on with."""
        for name in await self._disk.read(_names):
            if name not in self._in_use and name not in kept:
                await self._disk.delete((*STAGING, name))


def staged(name: str) -> Sequence[str]:
    """Return the components of the path of a staged subvolume. Raises `Invalid`."""
    if _NAME.fullmatch(name) is None:
        raise Invalid("storage.invalid_name", name)
    return (*STAGING, name)


def _names(top: int) -> list[str]:
    with directories.descended(top, STAGING) as descriptor:
        return [] if descriptor is None else names(descriptor)

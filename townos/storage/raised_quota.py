"""Raising the quota of a volume for as long as old and new content have to be in it together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from townos.limits import QUANTITY_BYTES_MAX, QUOTA_SLACK_BYTES
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volumes


@dataclass(frozen=True, slots=True)
class RaisedQuota:
    """A volume, and the quota in bytes that it has before and afterwards; 0 is no limit, which is never changed.

    A crash leaves the quota raised: whoever raises it does that in a step whose repetition or undo lowers it.
    """

    volumes: Volumes
    volume: VolumePath
    quota: int

    @asynccontextmanager
    async def by(self, size: int) -> AsyncIterator[None]:
        """Raise the quota by so many bytes for the time of the block. Raises `NotFound`."""
        await self.raise_by(size)
        try:
            yield
        finally:
            await self.lower()

    async def raise_by(self, size: int) -> None:
        """Raise the quota by so many bytes, and by what names take, until `lower`. Raises `NotFound`."""
        if self.quota:
            raised = self.quota + size + QUOTA_SLACK_BYTES
            await self.volumes.set_quota(self.volume, min(raised, QUANTITY_BYTES_MAX))

    async def lower(self) -> None:
        """Set the quota to what it was. Done before: nothing to do. Raises `NotFound`."""
        if self.quota:
            await self.volumes.set_quota(self.volume, self.quota)

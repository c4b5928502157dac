"""The port to the disk: volumes with quotas, and how full the disk is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from townos.storage.paths import Area, VolumePath


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume and its quota in bytes; 0 is no limit."""

    path: VolumePath
    quota: int


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """The whole disk in bytes; all zero when there is none."""

    total: int
    used: int
    available: int


class Volumes(Protocol):
    """Volumes by path. What has returned survives a power cut.

    All raise `NoSpace` on a full disk and, except `list`, `count` and `usage`, `Unavailable` where there is no btrfs
    volume.
    """

    def location(self, path: VolumePath) -> Path:
        """Return the absolute path of a volume, for unit files."""

    async def ensure_roots(self) -> None:
        """Make the root names that are missing."""

    async def create(self, path: VolumePath, quota: int) -> None:
        """Make a volume, and the plain directories above it.

        Raises `Conflict` when the path exists, or when something above it is a volume itself.
        """

    async def ensure(self, path: VolumePath, quota: int) -> None:
        """Make the volume unless it is there, and set its quota: a step that may run again."""

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        """Limit a volume to so many bytes; 0 lifts the limit. Raises `NotFound`."""

    async def delete(self, path: VolumePath) -> None:
        """Delete a volume with all in it, and the directories above it that become empty. No volume: nothing to do."""

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        """Move a volume, under another root too. Raises `NotFound` and, like `create`, `Conflict`."""

    async def exists(self, path: VolumePath) -> bool:
        """Tell whether there is such a volume."""

    async def get(self, path: VolumePath) -> Volume:
        """Return one volume. Raises `NotFound`."""

    async def list(self) -> list[Volume]:
        """Return all volumes, sorted by path; none where there is no btrfs volume."""

    async def count(self) -> Mapping[Area, int]:
        """Return how many volumes each area has, all of them zero where there is no btrfs volume. Quick: no quotas."""

    async def usage(self) -> DiskUsage:
        """Return how full the disk is."""

"""The port to the disk: volumes with quotas, and how full the disk is."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from townos.names import InnerPath
from townos.storage.paths import Area, VolumePath
from townos.storage.snapshots import Snapshots

T = TypeVar("T")

Owner = tuple[int, int]
"""Numbers of a user and a group."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume and its quota in bytes; 0 is no limit.

    `referenced` is how many bytes it holds, `exclusive` how many of them nothing else holds, snapshots included: what
    deleting it would free. They are some seconds old, zero where the disk does not count, and no part of what a volume
    is: two moments of one are equal.
    """

    path: VolumePath
    quota: int
    referenced: int = field(default=0, compare=False)
    exclusive: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """The whole disk in bytes; all zero when there is none."""

    total: int
    used: int
    available: int


@dataclass(slots=True)
class Scratch:
    """A directory on the disk of the volumes that only root reaches; `name` finds it again after a restart.

    Whoever sets `kept` has handed it to something that is going to call `discard_scratch`.
    """

    name: str
    path: Path
    kept: bool = False


class ScratchSpace(Protocol):
    """The port to them. All raise `NoSpace` on a full disk, and `Unavailable` where there is no btrfs volume."""

    def scratch(self, quota: int) -> AbstractAsyncContextManager[Scratch]:
        """Give an empty directory on the same disk, within the quota; deleted in the end unless it is `kept`."""

    def scratch_location(self, name: str) -> Path:
        """Return the absolute path of a scratch directory, which may be gone. Raises `Invalid`."""

    async def discard_scratch(self, name: str) -> None:
        """Delete a scratch directory. None there: nothing to do. Raises `Invalid`."""

    def frozen(self, path: VolumePath) -> AbstractAsyncContextManager[Path]:
        """Give a copy of what a volume holds at this moment, that only root reaches; deleted in the end.

        Raises `NotFound`.
        """


class VolumeViews(Protocol):
    """What is to be seen of volumes.

    Except `location`, `list`, `count` and `usage`, all raise `Unavailable` where there is no btrfs volume.
    """

    def location(self, path: VolumePath) -> Path:
        """Return the absolute path of a volume, for unit files."""

    async def exists(self, path: VolumePath) -> bool:
        """Tell whether there is such a volume."""

    async def is_empty(self, path: VolumePath) -> bool:
        """Tell whether nothing at all is in a volume. Raises `NotFound`."""

    async def get(self, path: VolumePath) -> Volume:
        """Return one volume. Raises `NotFound`."""

    async def list(self) -> list[Volume]:
        """Return all volumes, sorted by path; none where there is no btrfs volume."""

    async def count(self) -> Mapping[Area, int]:
        """Return how many volumes each area has, all of them zero where there is no btrfs volume. Quick: no quotas."""

    async def usage(self) -> DiskUsage:
        """Return how full the disk is."""


class Volumes(VolumeViews, ScratchSpace, Snapshots, Protocol):
    """Volumes by path, with all that is done to them.

    What has returned survives a power cut; what is cancelled is not half done. All raise `NoSpace` on a full disk, and
    `Unavailable` where there is no btrfs volume.
    """

    async def ensure_roots(self, kept: Collection[str] = ()) -> None:
        """Make the root names that are missing, and delete what crashes have left of unfinished volumes.

        `kept` are the names of scratch directories that something is going to go on with. From then on the disk counts
        what each volume uses, unless it cannot.
        """

    async def create(self, path: VolumePath, quota: int) -> None:
        """Make a volume, and the plain directories above it.

        Raises `Conflict` when the path exists, or when something above it is a volume itself.
        """

    async def ensure(self, path: VolumePath, quota: int) -> None:
        """Make the volume unless it is there, and set its quota: a step that may run again."""

    def staged(self, path: VolumePath, quota: int) -> AbstractAsyncContextManager[Path]:
        """Fill a volume before anybody sees it: gives an empty directory that only root reaches, within the quota.

        When the block ends without an error, the directory takes the place of the volume, which must be missing or
        empty by then: else it is deleted, as after an error, and `Conflict` raised.
        """

    async def add_file(self, volume: VolumePath, path: InnerPath, content: bytes, owner: Owner | None) -> bool:
        """Write a new file, readable for its owner only, whole or not at all. Returns False if anything is there.

        Directories missing above it are made, closed to others; they and the file get the owner, without one root.
        No symbolic link is followed. Raises `NotFound`; `Invalid` where something above the file is no directory.
        """

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        """Limit a volume to so many bytes; 0 lifts the limit. Raises `NotFound`."""

    async def delete(self, path: VolumePath) -> None:
        """Delete a volume with its snapshots, and the directories above it that become empty.

        No volume: its snapshots go.
        """

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        """Move a volume with its snapshots, under another root too; they join those that the new path has.

        Moved before, with nothing left at the old path: the snapshots that a crash left behind are moved. Raises
        `NotFound` if there is a volume at neither path and, like `create`, `Conflict`.
        """

    async def commit(self) -> None:
        """Make what others have written into volumes last through a power cut."""

    async def run_with_reserve(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work; each time that the disk is full, give up a part of the reserve and do the work again.

        What this port does runs so already. It is for others who write into volumes.
        """

"""Snapshots: read-only states of a volume, named for their moment and their reason, and the port to them."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, Self

from townos.errors import Invalid
from townos.storage.paths import VolumePath


class SnapshotReason(StrEnum):
    """Why a snapshot was taken."""

    USER = "user"
    UPGRADE = "upgrade"
    UPLOAD = "upload"
    UNINSTALL = "uninstall"


_TEXT: Final = re.compile(
    rf"(?P<moment>[0-9]{{8}}T[0-9]{{6}}\.[0-9]{{6}}Z)-(?P<reason>{'|'.join(SnapshotReason)})", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class SnapshotId:
    """A snapshot's name on the disk, `20261124T184500.123456Z-upgrade`; those of a volume sort by age."""

    created_at: datetime
    reason: SnapshotReason

    @classmethod
    def make(cls, moment: datetime, reason: SnapshotReason) -> Self:
        """Return the name of a snapshot of an aware moment."""
        return cls(moment.astimezone(UTC), reason)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name from outside or from the disk. Raises `Invalid`."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise Invalid("storage.snapshot_id", text)
        try:
            found = cls(datetime.fromisoformat(match["moment"]), SnapshotReason(match["reason"]))
        except ValueError as error:
            raise Invalid("storage.snapshot_id", text) from error
        if str(found) != text:  # 24:00 is a moment of the next day to newer Pythons
            raise Invalid("storage.snapshot_id", text)
        return found

    @classmethod
    def among(cls, names: Iterable[str]) -> Iterator[Self]:
        """Yield those of the names in a directory that are names of snapshots."""
        for name in names:
            with suppress(Invalid):
                yield cls.parse(name)

    def __str__(self) -> str:
        moment = self.created_at.replace(tzinfo=None).isoformat(timespec="microseconds")
        return f"{moment.replace('-', '').replace(':', '')}Z-{self.reason}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that is there.

    `referenced` is how many bytes it holds, `exclusive` how many of them nothing else holds: what deleting it frees.
    Both are zero where no volume has a quota.
    """

    id: SnapshotId
    referenced: int
    exclusive: int


def excess_snapshots(
    newest_first: Sequence[Snapshot], keep: int, protected: Collection[SnapshotId]
) -> list[SnapshotId]:
    """Return which snapshots to delete so that `keep` are left: the oldest ones that are not protected."""
    excess = max(len(newest_first) - keep, 0)
    deletable = [snapshot.id for snapshot in reversed(newest_first) if snapshot.id not in protected]
    return deletable[:excess]


class Snapshots(Protocol):
    """The snapshots of each volume, and volumes made of snapshots. Subvolumes inside a volume are in no snapshot."""

    async def snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Take a snapshot. There already: nothing to do. Raises `NotFound` without the volume."""

    async def snapshots(self, volume: VolumePath) -> Sequence[Snapshot]:
        """Return the snapshots of a volume, newest first."""

    async def delete_snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Delete a snapshot. None there: nothing to do."""

    def snapshot_location(self, volume: VolumePath, identifier: SnapshotId) -> Path:
        """Return the absolute path of a snapshot, for those who look into it."""

    async def prune(self, volume: VolumePath, keep: int, *, protected: Collection[SnapshotId] = ()) -> None:
        """Delete the oldest snapshots of a volume until so many are left; the `protected` ones stay in any case."""

    async def restore(self, volume: VolumePath, identifier: SnapshotId, quota: int) -> None:
        """Make the volume a writable copy of the snapshot, with this quota, whatever has been there, or nothing.

        Interrupted anywhere and done again, it gives the same. Raises `NotFound` without the snapshot and, where
        something above the volume is a volume itself, `Conflict`.
        """

    async def move_to_snapshots(self, volume: VolumePath, identifier: SnapshotId) -> None:
        """Move a volume among its own snapshots; it is a snapshot then of whatever comes to its place.

        No volume, or that snapshot there already: nothing to do.
        """

    async def copy(self, source: VolumePath, target: VolumePath, quota: int) -> None:
        """Make a volume that is a copy of another one, with a quota of its own. Raises `NotFound` and `Conflict`."""

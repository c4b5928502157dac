"""How full the disk may get: the one rule for what the status page warns of and for what is refused.

On a btrfs volume without any space left not even deleting may work. So nothing new begins some percent before that;
what frees space always may, and so may whatever only reads.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.settings.numbers import NumericSettings
from townos.storage.volumes import DiskUsage

Space = Literal["ok", "low", "full"]

_WARN: Final = "space_warn_percent"
_STOP: Final = "space_stop_percent"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which percent on something is nearly full, and full."""

    warn: int
    stop: int

    @classmethod
    async def of(cls, settings: NumericSettings) -> "Thresholds":
        """Return those that the settings give."""
        return cls(await settings.integer(_WARN), await settings.integer(_STOP))

    def judge(self, used: int, total: int) -> Space:
        """Judge how much of something is used."""
        if reaches(self.stop, used, total):
            return "full"
        return "low" if reaches(self.warn, used, total) else "ok"

    def judge_disk(self, usage: DiskUsage) -> Space:
        """Judge the disk. What is used is not all that counts.

        btrfs tells that nothing is available when its metadata have no space left, which many small files may bring
        about on a disk that is far from full.
        """
        return "full" if not usage.available else self.judge(usage.used, usage.total)


@dataclass(frozen=True, slots=True)
class Room:
    """What there was on the disk at one moment, and the percent of it that must not be reached."""

    usage: DiskUsage
    stop: int

    def require(self, size: int = 0) -> None:
        """Raise `NoSpace` when the disk was full, or would be with so many bytes more. No disk is not a full one."""
        usage, stop = self.usage, self.stop
        if not usage.total:
            return
        if not usage.available:
            raise NoSpace("storage.nothing_available", Bytes(usage.used), Bytes(usage.total))
        if reaches(stop, usage.used, usage.total):
            raise NoSpace("storage.stopped", Bytes(usage.used), Bytes(usage.total), stop)
        if reaches(stop, usage.used + size, usage.total) or size > usage.available:
            raise NoSpace("storage.no_room", Bytes(size), Bytes(usage.used), Bytes(usage.total), stop)


class SpaceGuard:
    """Refuses to begin what the disk has no room for."""

    def __init__(self, usage: Callable[[], Awaitable[DiskUsage]], settings: NumericSettings) -> None:
        self._usage = usage
        self._settings = settings

    async def room(self) -> Room:
        """Return what there is now, for sizes that only turn out while the disk fills up with them."""
        return Room(await self._usage(), await self._settings.integer(_STOP))

    async def require_room(self, size: int = 0) -> None:
        """Raise `NoSpace` with the numbers when the disk is full, or would be with so many bytes more."""
        (await self.room()).require(size)


async def judged(usage: DiskUsage, settings: NumericSettings) -> Space | None:
    """Judge the disk; None when there is none."""
    if not usage.total:
        return None
    return (await Thresholds.of(settings)).judge_disk(usage)


def reaches(percent: int, used: int, total: int) -> bool:
    """Tell whether so much of something is used."""
    return 100 * used >= percent * total

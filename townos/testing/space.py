"""Disks for tests that are not about their space, and for those that are."""

from dataclasses import dataclass, field

from townos.storage.space.guard import SpaceGuard
from townos.storage.volumes import DiskUsage

_GIBIBYTE = 1024**3


@dataclass(slots=True)
class FakeDisk:
    """A disk with the guard before it. `usage` may be changed at any time."""

    usage: DiskUsage = field(default_factory=lambda: filled(10 * _GIBIBYTE, 100 * _GIBIBYTE))
    percents: dict[str, int] = field(default_factory=lambda: {"space_warn_percent": 85, "space_stop_percent": 95})

    @property
    def guard(self) -> SpaceGuard:
        """The guard."""
        return SpaceGuard(self.read, self)

    async def read(self) -> DiskUsage:
        """Return how full it is."""
        return self.usage

    async def integer(self, key: str) -> int:
        """Return a setting."""
        return self.percents[key]


def filled(used: int, total: int) -> DiskUsage:
    """Return a disk of which so many bytes are used, and all others available."""
    return DiskUsage(total=total, used=used, available=total - used)

"""Disks for tests that are not about their space, and for those that are."""

from dataclasses import dataclass, field

from townos.storage.space.guard import SpaceGuard
from townos.storage.volumes import DiskUsage
from townos.testing.settings import FakeSettings

_GIBIBYTE = 1024**3


@dataclass(slots=True)
class FakeDisk:
    """A disk with the guard before it. `usage` and `percents` may be changed at any time."""

    usage: DiskUsage = field(default_factory=lambda: filled(10 * _GIBIBYTE, 100 * _GIBIBYTE))
    percents: dict[str, int] = field(default_factory=lambda: {"space_warn_percent": 85, "space_stop_percent": 95})

    @property
    def guard(self) -> SpaceGuard:
        """The guard."""
        return SpaceGuard(self.read, self.settings)

    @property
    def settings(self) -> FakeSettings:
        """The settings that say when it is full."""
        return FakeSettings(self.percents)

    async def read(self) -> DiskUsage:
        """Return how full it is."""
        return self.usage


def filled(used: int, total: int) -> DiskUsage:
    """Return a disk of which so many bytes are used, and all others available."""
    return DiskUsage(total=total, used=used, available=total - used)

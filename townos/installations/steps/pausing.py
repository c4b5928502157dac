"""Stopping an installed package for the time of an operation, and starting it again."""

from dataclasses import dataclass

from townos.installations.parts import Parts
from townos.installations.planning.plans import PausedService
from townos.installations.steps.service import start_unit
from townos.names import PackageId
from townos.operations.kinds import Progress
from townos.settings.settings import Settings


async def paused(parts: Parts, package: PackageId, settings: Settings) -> PausedService:
    """Return the service of an installed package as it is now."""
    return PausedService(
        unit=await parts.units.read(package.unit) or "",
        running=await parts.services.running(package.unit),
        enabled=await parts.services.enabled(package.unit),
        watch_seconds=await settings.integer("start_watch_seconds"),
    )


@dataclass(frozen=True, slots=True)
class Pause:
    """The work of the steps around what needs a package to stand still. What did not run is not started."""

    package: PackageId
    service: PausedService
    parts: Parts

    async def stop(self, _: Progress) -> None:
        """Stop it."""
        await self.parts.services.stop(self.package.unit)

    async def start_again(self) -> None:
        """Start it as it was: the undo of `stop`."""
        if self.service.running:
            await self._start(0)

    async def start(self, _: Progress) -> None:
        """Start it with what has changed, and watch it."""
        if self.service.running:
            await self._start(self.service.watch_seconds)

    async def _start(self, seconds: float) -> None:
        unit, text, enabled = self.package.unit, self.service.unit, self.service.enabled
        await start_unit(self.parts, unit, text, seconds, enabled=enabled)

"""Unit files and the services that they describe, in steps that may run again after a crash."""

from dataclasses import dataclass
from functools import partial

from townos.installations.planning.plans import PausedService
from townos.installations.ports import ServiceManager, UnitFiles
from townos.names import PackageId, UnitName
from townos.operations.kinds import Progress, Step, nothing


@dataclass(frozen=True, slots=True)
class UnitInstaller:
    """Puts unit files in place, tells systemd, and starts them."""

    services: ServiceManager
    unit_files: UnitFiles

    async def install(self, unit: UnitName, text: str, *, enabled: bool) -> None:
        """Make a unit file hold this text; an empty one means that there is no such file."""
        if not text:
            await self.remove(unit)
            return
        await self.unit_files.write(unit, text)
        await self.services.reload()
        if enabled:
            await self.services.enable(unit)

    async def remove(self, unit: UnitName) -> None:
        """Remove a unit file with systemd's links to it, which are looked up by the file."""
        await self.services.disable(unit)
        await self.unit_files.remove(unit)
        await self.services.reload()

    async def start(self, unit: UnitName, text: str, seconds: float, *, enabled: bool, may_end: bool = True) -> None:
        """Start a unit and watch it; a file that is gone is written anew.

        Unit files are in RAM on an appliance: they do not outlast the power cut after which an operation goes on.
        """
        if await self.unit_files.read(unit) is None:
            await self.install(unit, text, enabled=enabled)
        await self.services.start_and_watch(unit, seconds, may_end=may_end)


@dataclass(frozen=True, slots=True)
class ServicePause:
    """The steps around what needs a package to stand still. A service that did not run is not started."""

    services: ServiceManager
    units: UnitInstaller

    def stop_step(
        self, package: PackageId, service: PausedService, *, undo_after: frozenset[str] = frozenset()
    ) -> Step:
        """Return the step that stops the service; its undo starts it as it was."""
        undo = partial(self._start, package, service, 0)
        return Step("stop", partial(self._stop, package), undo, undo_after=undo_after)

    def start_step(self, package: PackageId, service: PausedService) -> Step:
        """Return the step that starts the service with what has changed, and watches it."""

        async def start(_: Progress) -> None:
            await self._start(package, service, service.watch_seconds)

        return Step("start", start, nothing)

    async def _stop(self, package: PackageId, _: Progress) -> None:
        await self.services.stop(package.unit)

    async def _start(self, package: PackageId, service: PausedService, seconds: float) -> None:
        if service.running:
            await self.units.start(package.unit, service.unit, seconds, enabled=service.enabled)

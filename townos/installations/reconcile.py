"""At boot: make the machine agree with the records. `/etc` and `/run` begin empty, everything else is on the disk.

Each package is on its own: one that cannot be brought up is logged and remembered, and the others go on. What runs
already, with the unit it should have, is not touched: a restart of this program interrupts no application.
"""

import logging
from typing import Final

from townos.errors import TownError
from townos.installations.installed import Installed, InstalledPackages
from townos.installations.parts import Parts
from townos.installations.planner import Planner
from townos.names import PackageId
from townos.storage.paths import VolumePath

log: Final = logging.getLogger(__name__)


class Reconciliation:
    """Brings up what is installed."""

    def __init__(self, parts: Parts, packages: InstalledPackages, planner: Planner) -> None:
        self._parts = parts
        self._packages = packages
        self._planner = planner
        self._failures: dict[str, str] = {}

    @property
    def failures(self) -> dict[str, str]:
        """Package and reason for each one that could not be brought up."""
        return dict(self._failures)

    async def run(self) -> None:
        """Bring up every installed package. Raises nothing of a single package's."""
        for package in await self._parts.records.installed():
            try:
                await self._bring_up(await self._packages.get(package))
            except TownError as error:
                self._note(package, error)

    def _note(self, package: PackageId, error: TownError) -> None:
        self._failures[str(package)] = error.text()
        fields = {"fields": {"PACKAGE": str(package)}}
        log.error("%s could not be brought up: %s", package, error, extra=fields)

    async def _bring_up(self, installed: Installed) -> None:
        package = installed.package
        for volume in package.volumes:
            path = VolumePath.installed(package.id, volume.name)
            await self._parts.volumes.ensure(path, await self._planner.quota(volume.quota))
        await self._parts.network.write(package.id, self._planner.network_state(package))
        changed = await self._write_unit(installed)
        if await self._parts.records.disabled(package.id.repository, package.id.name):
            return
        if changed and await self._parts.services.running(package.id.unit):
            await self._parts.services.stop(package.id.unit)
        if not await self._parts.services.running(package.id.unit):
            await self._start(installed)

    async def _write_unit(self, installed: Installed) -> bool:
        """Write the unit file if it is missing or another one; tell whether it was."""
        text = self._planner.unit(installed.package)
        if await self._parts.units.read(installed.id.unit) == text:
            return False
        await self._parts.units.write(installed.id.unit, text)
        await self._parts.services.reload()
        return True

    async def _start(self, installed: Installed) -> None:
        if not await self._parts.podman.image_exists(installed.package.image):
            await self._parts.podman.pull(installed.package.image)
        await self._parts.services.start_and_watch(installed.id.unit, 0)

"""How an installed package stands now: what a plan has to stop, and what a rollback restores."""

import logging
from dataclasses import dataclass
from typing import Final

from townos.errors import Internal
from townos.installations.planning.plans import PausedService, Previous
from townos.installations.ports import NetworkStates, ServiceManager, UnitFiles
from townos.installations.records.installed import Installed
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.settings.settings import Settings

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PresentState:
    """Reads it from the records, the unit files and systemd."""

    records: Records
    unit_files: UnitFiles
    network: NetworkStates
    services: ServiceManager
    settings: Settings

    async def service(self, package: PackageId) -> PausedService:
        """Return the service of an installed package."""
        return PausedService(
            unit=await self.unit_files.read(package.unit) or "",
            running=await self.services.running(package.unit),
            enabled=await self.services.enabled(package.unit),
            watch_seconds=await self.settings.integer("start_watch_seconds"),
        )

    async def version(self, package: PackageId, known: Installed | None = None) -> Previous:
        """Return what there is of an installed version, of which `known` has been read already."""
        return Previous(
            version=package.version,
            answers=known.answers if known is not None else await self._answers(package),
            unit=await self.unit_files.read(package.unit) or "",
            network_state=await self.network.read(package),
            running=await self.services.running(package.unit),
            enabled=await self.services.enabled(package.unit),
        )

    async def _answers(self, package: PackageId) -> dict[str, str]:
        """Return the stored answers. A damaged file must not keep a package from being repaired or removed."""
        try:
            return await self.records.answers(package)
        except Internal:
            log.exception("%s: its stored answers are lost", package, extra={"fields": {"PACKAGE": str(package)}})
            return {}

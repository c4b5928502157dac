"""What the status page tells of the other rooms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from townos.i18n import Term
from townos.installations.records.store import Records
from townos.installations.records.upgrades import Upgrades
from townos.names import PACKAGE_UNIT_PREFIX, SYSTEM_UNIT_PREFIX
from townos.repositories import Catalogue, Repositories
from townos.status.report import PackageFacts, RepositoryFacts, VolumeCounts
from townos.storage.paths import Area
from townos.storage.space.guard import reaches
from townos.storage.user_volumes import Filesystem, filesystem
from townos.storage.volumes import DiskUsage, VolumeViews
from townos.systemd.manager import Systemd

UNITS: Final = (f"{PACKAGE_UNIT_PREFIX}*.service", f"{SYSTEM_UNIT_PREFIX}*.service")


class Inventory:
    """Counts what the rooms hold."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        repositories: Repositories,
        records: Records,
        upgrades: Upgrades,
        systemd: Systemd,
        volumes: VolumeViews,
        pending: Callable[[], Sequence[str]],
        degraded: Callable[[], Mapping[str, Term]],
    ) -> None:
        self._catalogue = catalogue
        self._repositories = repositories
        self._records = records
        self._upgrades = upgrades
        self._systemd = systemd
        self._volumes = volumes
        self.pending = pending
        self.degraded = degraded

    async def repositories(self) -> RepositoryFacts:
        """Return the repositories' part."""
        return RepositoryFacts(len(self._repositories.list()), self._repositories.errors())

    async def packages(self) -> PackageFacts:
        """Return the packages' part."""
        upgrades = await self._upgrades.available()
        return PackageFacts(
            available=len(self._catalogue.entries()),
            installed=await self._records.installed(),
            upgrades_available=len(upgrades),
            upgrades_dismissed=await self._upgrades.are_dismissed(upgrades),
        )

    async def unit_states(self) -> Mapping[str, str]:
        """Return the active state of each unit of this appliance, by name."""
        return {unit.name: unit.active_state for unit in await self._systemd.list_units(UNITS)}

    async def volumes(self) -> VolumeCounts:
        """Return the volumes' part."""
        counts = await self._volumes.count()
        return VolumeCounts(counts[Area.USER], counts[Area.INSTALLED], counts[Area.UNINSTALLED])

    async def disk_usage(self) -> DiskUsage:
        """Return how full the disk is."""
        return await self._volumes.usage()

    async def full_volumes(self, percent: int) -> Sequence[Filesystem]:
        """Return the volumes that use at least so much of their quota."""
        volumes = [volume for volume in await self._volumes.list() if volume.quota]
        return [filesystem(volume) for volume in volumes if reaches(percent, volume.referenced, volume.quota)]

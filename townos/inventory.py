"""What the status page tells of the other rooms."""

from collections.abc import Mapping, Sequence
from typing import Any

from townos.boot import Boot
from townos.repositories import Catalogue, Repositories
from townos.status import DiskUsage, PackageFacts, RepositoryFacts, VolumeCounts
from townos.storage.paths import Area
from townos.storage.volumes import Volumes
from townos.supervision import Supervisor


class Inventory:
    """Counts what the rooms hold."""

    def __init__(
        self,
        catalogue: Catalogue[Any],
        repositories: Repositories,
        volumes: Volumes,
        boot: Boot,
        supervisor: Supervisor,
    ) -> None:
        self._catalogue = catalogue
        self._repositories = repositories
        self._volumes = volumes
        self._boot = boot
        self._supervisor = supervisor

    async def repositories(self) -> RepositoryFacts:
        """Return the repositories' part."""
        return RepositoryFacts(len(self._repositories.list()), self._repositories.errors())

    async def packages(self) -> PackageFacts:
        """Return the packages' part."""
        return PackageFacts(available=len(self._catalogue.entries()))

    async def unit_states(self) -> Mapping[str, str]:
        """Return the active state of each unit of this appliance, by name."""
        return {}

    async def volumes(self) -> VolumeCounts:
        """Return the volumes' part."""
        areas = [volume.path.area for volume in await self._volumes.list()]
        return VolumeCounts(areas.count(Area.USER), areas.count(Area.INSTALLED), areas.count(Area.UNINSTALLED))

    async def disk_usage(self) -> DiskUsage:
        """Return how full the disk is."""
        usage = await self._volumes.usage()
        return DiskUsage(usage.total, usage.used, usage.available)

    def pending(self) -> Sequence[str]:
        """Return what the boot has still to do."""
        return self._boot.pending

    def degraded(self) -> Mapping[str, str]:
        """Return the errors of parts of the appliance that do not work at present, by name."""
        return {**self._boot.failures, **self._supervisor.degraded}

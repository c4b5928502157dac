"""Bringing one installed package up: first its volumes and files, then what it runs, and its start."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.containers.podman import Podman
from townos.errors import TownError
from townos.i18n import Term
from townos.installations.planning.generated_files import GeneratedFiles
from townos.installations.planning.plans import PlannedSeed
from townos.installations.planning.volume_planner import VolumePlanner
from townos.installations.ports import NetworkStates, ServiceManager, UnitFiles
from townos.installations.records.installed import Installed
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.steps.fetching import fetch_disk
from townos.installations.steps.seeding import Seeder
from townos.installations.steps.templating import TemplateWriter
from townos.limits import BOOT_SEEDING_TIMEOUT_SECONDS
from townos.names import PackageId
from townos.operations.kinds import unobserved
from townos.packages.package import Package
from townos.redaction import reason
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volumes
from townos.vm.images import VmImages

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Records what fails of a package, so that the others go on."""

    start_failures: StartFailures

    async def attempt(self, package: PackageId, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work for a package. Raises nothing but cancellation."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001  whatever it is, it is recorded, and the other packages go on
            is_expected = isinstance(error, (TownError, OSError))
            self.failed(package, reason(error), trace=None if is_expected else error)

    def failed(self, package: PackageId, why: Term, *, trace: Exception | None = None) -> None:
        """Record a failure."""
        self.start_failures.record(package, why)
        fields = {"fields": {"PACKAGE": str(package)}}
        log.error("%s could not be brought up: %s", package, why, exc_info=trace, extra=fields)


@dataclass(frozen=True, slots=True)
class FilePlacement:
    """Makes the volumes that are missing, and the files outside them."""

    volumes: Volumes
    volume_planner: VolumePlanner
    network: NetworkStates
    unit_files: UnitFiles
    generated: GeneratedFiles

    async def place(self, installed: Installed) -> bool:
        """Put everything in place; tell whether the unit file had to be written."""
        for volume in installed.package.volumes:
            path = VolumePath.installed(installed.id, volume.name)
            if not await self.volumes.exists(path):  # one that is there has the quota that people gave it
                await self.volumes.create(path, await self.volume_planner.quota(volume.quota))
        await self.network.write(installed.id, self.generated.network_state(installed.package))
        text = self.generated.unit(installed.package)
        if await self.unit_files.read(installed.id.unit) == text:
            return False
        await self.unit_files.write(installed.id.unit, text)
        return True


@dataclass(frozen=True, slots=True)
class PackageStart:
    """Starts a package whose files are in place."""

    records: Records
    services: ServiceManager
    volume_planner: VolumePlanner
    seeder: Seeder
    templates: TemplateWriter
    podman: Podman
    vm_images: VmImages
    attempts: Attempts

    async def start(self, installed: Installed, *, unit_changed: bool) -> None:
        """Start it unless it runs with the unit that it should have, or is disabled. Raises `TownError`."""
        package = installed.id
        if await self.services.running(package.unit):
            if not unit_changed:
                return
            await self.services.stop(package.unit)
        await self._fill(installed)
        if await self.records.disabled(package.repository, package.name):
            return
        await self._fetch(installed.package)
        await self.services.start_and_watch(package.unit, 0)

    async def _fetch(self, package: Package) -> None:
        """Fetch what the package runs unless it is here: the disk may have been put into a new machine."""
        if package.image is not None and not await self.podman.image_exists(package.image):
            await self.podman.pull(package.image)
        if package.vm is not None:
            await fetch_disk(self.vm_images, package.vm.image)

    async def _fill(self, installed: Installed) -> None:
        """Seed what is empty and render what is missing; what fails is recorded and keeps no package down."""
        await self.attempts.attempt(installed.id, partial(self._seed, installed))
        await self.attempts.attempt(installed.id, partial(self.templates.write, installed, unobserved))

    async def _seed(self, installed: Installed) -> None:
        volumes = installed.package.volumes
        quotas: dict[str, int] = {volume.name: await self.volume_planner.quota(volume.quota) for volume in volumes}
        seeds = [PlannedSeed.of(seed) for seed in installed.package.seeds]
        warnings = _Warnings(partial(self.attempts.failed, installed.id))
        await self.seeder.seed(installed.id, seeds, quotas, warnings, seconds=BOOT_SEEDING_TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True)
class _Warnings:
    """The progress of work of which only the warnings matter."""

    take: Callable[[Term], None]

    def __call__(self, done: int, total: int | None, /) -> None:
        """Take no notice."""

    def warn(self, message: Term) -> None:
        """Take a warning."""
        self.take(message)

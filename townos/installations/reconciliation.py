"""At boot: make the machine agree with the records. `/etc` and `/run` begin empty, everything else is on the disk.

Each package is on its own: one that cannot be brought up is logged and remembered, and the others go on. What runs
already, with the unit it should have, is not touched: a restart of this program interrupts no application. A package
that an operation still works on, resumed after a crash, comes when that has ended, and nobody else waits for it. What
such an operation leaves half done is not brought up: volumes would be made where others are going to be put back.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from townos.concurrency import open_nursery
from townos.errors import TownError
from townos.installations.parts import Parts
from townos.installations.planning.install_planner import Planner
from townos.installations.planning.seed_plans import planned_seed
from townos.installations.planning.vm_disks import fetch_disk
from townos.installations.records.installed import Installed
from townos.installations.steps.conclusion import FINISH
from townos.installations.steps.seeding import seed_all
from townos.installations.steps.templating import render_templates
from townos.installations.subjects import subject_of
from townos.limits import BOOT_SEEDING_TIMEOUT_SECONDS, PACKAGES_STARTED_AT_ONCE
from townos.names import PackageId
from townos.operations.engine import Operations
from townos.operations.kinds import unobserved
from townos.operations.model import OperationState
from townos.operations.runner import reason
from townos.operations.subject import Subject
from townos.packages.package import Package
from townos.storage.paths import VolumePath

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A package whose files are in place, and whether its unit file had to be written."""

    installed: Installed
    changed: bool


class Reconciliation:
    """Brings up what is installed."""

    def __init__(self, parts: Parts, planner: Planner, operations: Operations) -> None:
        self._parts = parts
        self._planner = planner
        self._operations = operations
        self._turns = trio.CapacityLimiter(PACKAGES_STARTED_AT_ONCE)

    async def run(self) -> None:
        """Bring up every installed package. Raises nothing of a single package's; `StartFailures` tells of those."""
        busy = self._operations.unfinished()
        installed = await self._parts.records.installed()
        idle = [package for package in installed if not any(map(subject_of(package).excludes, busy))]
        async with open_nursery() as nursery:
            nursery.start_soon(self._bring_up, idle)
            for subject in busy:
                nursery.start_soon(self._bring_up_later, subject)

    async def _bring_up_later(self, subject: Subject) -> None:
        last = await self._operations.settled(subject)
        packages = [one for one in await self._parts.records.installed() if subject_of(one).excludes(subject)]
        if last is None or last.state is not OperationState.FAILED or last.step == FINISH:
            await self._bring_up(packages)
            return
        for package in packages:
            self._parts.start_failures.record(package, last.error)

    async def _bring_up(self, packages: Sequence[PackageId]) -> None:
        """Put all files in place first, then start, some at a time, what has to be started."""
        prepared: list[_Prepared] = []
        for package in packages:
            await self._attempt(package, partial(self._prepare, package, prepared))
        if any(one.changed for one in prepared):
            await self._parts.services.reload()
        async with open_nursery() as nursery:
            for one in prepared:
                nursery.start_soon(self._start_in_turn, one)

    async def _attempt(self, package: PackageId, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  whatever it is, it is told, and the other packages go on
            is_expected = isinstance(error, (TownError, OSError))
            self._note(package, reason(error), trace=None if is_expected else error)

    async def _prepare(self, package: PackageId, prepared: list[_Prepared]) -> None:
        installed = await self._parts.installed.get(package)
        for volume in installed.package.volumes:
            path = VolumePath.installed(package, volume.name)
            if not await self._parts.volumes.exists(path):  # one that is there has the quota that people gave it
                await self._parts.volumes.create(path, await self._planner.quota(volume.quota))
        await self._parts.network.write(package, self._planner.network_state(installed.package))
        prepared.append(_Prepared(installed, await self._write_unit(installed)))

    async def _write_unit(self, installed: Installed) -> bool:
        """Write the unit file if it is missing or another one; tell whether it was."""
        text = self._planner.unit(installed.package)
        if await self._parts.units.read(installed.id.unit) == text:
            return False
        await self._parts.units.write(installed.id.unit, text)
        return True

    async def _start_in_turn(self, prepared: _Prepared) -> None:
        async with self._turns:
            await self._attempt(prepared.installed.id, partial(self._start, prepared))

    async def _start(self, prepared: _Prepared) -> None:
        package = prepared.installed.id
        if await self._parts.services.running(package.unit):
            if not prepared.changed:
                return
            await self._parts.services.stop(package.unit)
        await self._fill(prepared.installed)
        if await self._parts.records.disabled(package.repository, package.name):
            return
        await self._supply(prepared.installed.package)
        await self._parts.services.start_and_watch(package.unit, 0)

    async def _supply(self, package: Package) -> None:
        """Fetch what the package runs unless it is here: the disk may have been put into a new machine."""
        if package.image is not None and not await self._parts.podman.image_exists(package.image):
            await self._parts.podman.pull(package.image)
        if package.vm is not None:
            await fetch_disk(self._parts.vm_images, package.vm.image)

    async def _fill(self, installed: Installed) -> None:
        """Seed what is empty and render what is missing; what fails keeps nothing down and is told."""
        await self._attempt(installed.id, partial(self._seed, installed))
        await self._attempt(installed.id, partial(render_templates, self._parts, installed, unobserved))

    async def _seed(self, installed: Installed) -> None:
        volumes = installed.package.volumes
        quotas: dict[str, int] = {volume.name: await self._planner.quota(volume.quota) for volume in volumes}
        seeds = [planned_seed(seed) for seed in installed.package.seeds]
        told = _Told(partial(self._note, installed.id))
        await seed_all(self._parts, installed.id, seeds, quotas, told, seconds=BOOT_SEEDING_TIMEOUT_SECONDS)

    def _note(self, package: PackageId, text: str, *, trace: Exception | None = None) -> None:
        self._parts.start_failures.record(package, text)
        fields = {"fields": {"PACKAGE": str(package)}}
        log.error("%s could not be brought up: %s", package, text, exc_info=trace, extra=fields)


@dataclass(frozen=True, slots=True)
class _Told:
    """The progress of what only its warnings matter of."""

    note: Callable[[str], None]

    def __call__(self, done: int, total: int | None, /) -> None:
        """Tell nobody."""

    def warn(self, text: str) -> None:
        """Tell of something that went wrong."""
        self.note(text)

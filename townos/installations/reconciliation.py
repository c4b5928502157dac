"""At boot: make the machine agree with the records. `/etc` and `/run` begin empty, everything else is on the disk.

Each package is on its own: one that cannot be brought up is logged and remembered, and the others go on. What runs
already, with the unit it should have, is not touched: a restart of this program interrupts no application. A package
that an operation still works on, resumed after a crash, comes when that has ended, and nobody else waits for it. What
such an operation leaves half done is not brought up: volumes would be made where others are going to be restored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import trio

from townos.concurrency import open_nursery
from townos.i18n import Term
from townos.installations.bring_up import Attempts, FilePlacement, PackageStart
from townos.installations.ports import ServiceManager
from townos.installations.records.installed import Installed, InstalledPackages
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.steps.recording import FINISH
from townos.installations.subjects import subject_of
from townos.limits import PACKAGES_STARTED_AT_ONCE
from townos.names import PackageId
from townos.operations.engine import Operations
from townos.operations.model import OperationState
from townos.operations.subject import Subject


@dataclass(frozen=True, slots=True)
class _Placed:
    """A package whose files are in place, and whether its unit file had to be written."""

    installed: Installed
    unit_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Brings up what is installed."""

    records: Records
    installed: InstalledPackages
    operations: Operations
    services: ServiceManager
    start_failures: StartFailures
    attempts: Attempts
    placement: FilePlacement
    package_start: PackageStart
    _turns: trio.CapacityLimiter = field(default_factory=partial(trio.CapacityLimiter, PACKAGES_STARTED_AT_ONCE))

    async def run(self) -> None:
        """Bring up every installed package. What fails of one is in `StartFailures`, and raises nothing."""
        busy = self.operations.unfinished()
        installed = await self.records.installed()
        idle = [package for package in installed if not any(map(subject_of(package).excludes, busy))]
        async with open_nursery() as nursery:
            nursery.start_soon(self._bring_up, idle)
            for subject in busy:
                nursery.start_soon(self._bring_up_later, subject)

    async def _bring_up_later(self, subject: Subject) -> None:
        last = await self.operations.settled(subject)
        packages = [one for one in await self.records.installed() if subject_of(one).excludes(subject)]
        if last is None or last.state is not OperationState.FAILED or last.step == FINISH:
            await self._bring_up(packages)
            return
        for package in packages:
            self.start_failures.record(package, last.error or Term("operation.left_half_done"))

    async def _bring_up(self, packages: Sequence[PackageId]) -> None:
        """Put all files in place first, then start, some at a time, what has to be started."""
        placed: list[_Placed] = []
        for package in packages:
            await self.attempts.attempt(package, partial(self._place, package, placed))
        if any(one.unit_changed for one in placed):
            await self.services.reload()
        async with open_nursery() as nursery:
            for one in placed:
                nursery.start_soon(self._start_in_turn, one)

    async def _place(self, package: PackageId, placed: list[_Placed]) -> None:
        installed = await self.installed.get(package)
        placed.append(_Placed(installed, await self.placement.place(installed)))

    async def _start_in_turn(self, placed: _Placed) -> None:
        start = partial(self.package_start.start, placed.installed, unit_changed=placed.unit_changed)
        async with self._turns:
            await self.attempts.attempt(placed.installed.id, start)

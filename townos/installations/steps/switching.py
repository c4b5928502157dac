"""The steps that let a package run from now on, or not, through every restart of the machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.installations.planning.plans import SwitchPlan, read
from townos.installations.ports import ServiceManager
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.steps.units import UnitInstaller
from townos.installations.subjects import on_package
from townos.names import PackageId
from townos.operations.kinds import Kind, Plan, Progress, Step

DISABLE: Final = "disable"
ENABLE: Final = "enable"


@dataclass(frozen=True, slots=True)
class SwitchSteps:
    """Sets the mark among the records, and stops or starts the service."""

    records: Records
    start_failures: StartFailures
    services: ServiceManager
    units: UnitInstaller

    def kinds(self) -> Sequence[Kind]:
        """Return the kinds of operation that disable and enable a package."""
        return (Kind(DISABLE, on_package(self._build_disable)), Kind(ENABLE, on_package(self._build_enable)))

    def _build_disable(self, package: PackageId, encoded: Plan) -> Sequence[Step]:
        plan = read(SwitchPlan, encoded)
        return (
            Step("mark", partial(self._mark, package, disabled=True), partial(self._restore_mark, package, plan)),
            Step("stop", partial(self._stop, package), partial(self._restore_service, package, plan)),
        )

    def _build_enable(self, package: PackageId, encoded: Plan) -> Sequence[Step]:
        plan = read(SwitchPlan, encoded)
        return (
            Step("mark", partial(self._mark, package, disabled=False), partial(self._restore_mark, package, plan)),
            Step("start", partial(self._start, package, plan), partial(self._restore_service, package, plan)),
        )

    async def _mark(self, package: PackageId, _: Progress | None = None, *, disabled: bool) -> None:
        if disabled:
            await self.records.disable(package.repository, package.name)
        else:
            await self.records.enable(package.repository, package.name)

    async def _restore_mark(self, package: PackageId, plan: SwitchPlan) -> None:
        await self._mark(package, disabled=plan.disabled)

    async def _stop(self, package: PackageId, _: Progress) -> None:
        await self.services.disable(package.unit)  # where `/etc` lasts, systemd would start it at boot
        await self.services.stop(package.unit)
        self.start_failures.clear(package)

    async def _start(self, package: PackageId, plan: SwitchPlan, _: Progress) -> None:
        await self._start_unit(package, plan, plan.service.watch_seconds)
        self.start_failures.clear(package)

    async def _restore_service(self, package: PackageId, plan: SwitchPlan) -> None:
        service = plan.service
        if service.enabled:
            await self.units.install(package.unit, service.unit, enabled=True)
        if service.running:
            await self._start_unit(package, plan, 0)
        else:
            await self.services.stop(package.unit)

    async def _start_unit(self, package: PackageId, plan: SwitchPlan, seconds: float) -> None:
        service = plan.service
        await self.units.start(package.unit, service.unit, seconds, enabled=service.enabled)

"""The steps that let a package run from now on, or not, through every restart of the machine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.installations.parts import Parts
from townos.installations.planning.plans import SwitchPlan, read
from townos.installations.steps.service import restore_unit, start_unit
from townos.installations.subjects import on_package
from townos.names import PackageId
from townos.operations.kinds import Kind, Progress, Step

DISABLE: Final = "disable"
ENABLE: Final = "enable"


def switch_kinds(parts: Parts) -> Sequence[Kind]:
    """Return the kinds of operation that disable and enable a package."""

    def disabling(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        switch = _Switch(package, read(SwitchPlan, plan), parts)
        return (Step("mark", switch.disable, switch.restore_mark), Step("stop", switch.stop, switch.restore_service))

    def enabling(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        switch = _Switch(package, read(SwitchPlan, plan), parts)
        return (Step("mark", switch.enable, switch.restore_mark), Step("start", switch.start, switch.restore_service))

    return (Kind(DISABLE, on_package(disabling)), Kind(ENABLE, on_package(enabling)))


@dataclass(frozen=True, slots=True)
class _Switch:
    package: PackageId
    plan: SwitchPlan
    parts: Parts

    async def disable(self, _: Progress) -> None:
        await self.parts.records.disable(self.package.repository, self.package.name)

    async def enable(self, _: Progress) -> None:
        await self.parts.records.enable(self.package.repository, self.package.name)

    async def restore_mark(self) -> None:
        mark: Callable[..., Awaitable[None]] = (
            self.parts.records.disable if self.plan.disabled else self.parts.records.enable
        )
        await mark(self.package.repository, self.package.name)

    async def stop(self, _: Progress) -> None:
        await self.parts.services.disable(self.package.unit)  # where `/etc` lasts, systemd would start it at boot
        await self.parts.services.stop(self.package.unit)
        self.parts.start_failures.clear(self.package)

    async def start(self, _: Progress) -> None:
        await self._start(self.plan.service.watch_seconds)
        self.parts.start_failures.clear(self.package)

    async def restore_service(self) -> None:
        if self.plan.service.enabled:
            await restore_unit(self.parts, self.package.unit, self.plan.service.unit, enabled=True)
        if self.plan.service.running:
            await self._start(0)
        else:
            await self.parts.services.stop(self.package.unit)

    async def _start(self, seconds: float) -> None:
        service = self.plan.service
        await start_unit(self.parts, self.package.unit, service.unit, seconds, enabled=service.enabled)

"""What makes the machine run a package: its network state, its unit file, and its start."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from townos.containers.podman import Podman
from townos.errors import Invalid, TownError
from townos.i18n import DEFAULT_LOCALE, T
from townos.installations.ports import NetworkStates, ServiceManager, UnitLog
from townos.installations.steps.change import Change
from townos.installations.steps.units import UnitInstaller
from townos.limits import FAILURE_LOG_LINES
from townos.operations.kinds import Progress, Step


@dataclass(frozen=True, slots=True)
class WriteNetworkState:
    """Puts the network state of the package in the place of that of the version that is replaced."""

    network: NetworkStates

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step."""
        return (Step("network", partial(self._write, change), partial(self._restore, change)),)

    async def _write(self, change: Change, _: Progress) -> None:
        await self.network.remove(change.old)
        await self.network.write(change.package, change.plan.network_state)

    async def _restore(self, change: Change) -> None:
        await self.network.remove(change.package)
        if change.plan.previous is not None:
            await self.network.write(change.old, change.plan.previous.network_state)


@dataclass(frozen=True, slots=True)
class RunService:
    """Writes the unit, starts it and watches it."""

    services: ServiceManager
    units: UnitInstaller
    podman: Podman
    log: UnitLog

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the steps."""
        return (
            Step("unit", partial(self._write, change), partial(self._restore, change)),
            Step("start", partial(self._start, change), partial(self._stop, change)),
        )

    async def _write(self, change: Change, _: Progress) -> None:
        if not change.version_stays:
            await self.units.remove(change.old.unit)
        await self.units.install(change.package.unit, change.plan.unit, enabled=_enabled(change))

    async def _restore(self, change: Change) -> None:
        previous = change.plan.previous
        if previous is None or not change.version_stays:
            await self.units.remove(change.package.unit)
        if previous is not None:
            await self.units.install(change.old.unit, previous.unit, enabled=previous.enabled)

    async def _start(self, change: Change, _: Progress) -> None:
        plan, unit = change.plan, change.package.unit
        if not plan.start:
            return
        try:
            await self.units.start(unit, plan.unit, plan.watch_seconds, enabled=_enabled(change), may_end=plan.may_end)
        except TownError as error:
            lines = await self.log.recent(unit, FAILURE_LOG_LINES)
            raise Invalid("install.did_not_start", _for_people(error, change), "\n".join(lines)) from error

    async def _stop(self, change: Change) -> None:
        await self.services.stop(change.package.unit)
        await self.services.reset_failed(change.package.unit)
        await self.podman.remove_container(change.package.container)


def _enabled(change: Change) -> bool:
    return change.plan.previous is not None and change.plan.previous.enabled


def _for_people(error: TownError, change: Change) -> str:
    """Return an error's text with the package's name in the place of its unit's."""
    package = change.package
    name = f"{package.name} {package.version}"
    return T(DEFAULT_LOCALE, error.code, *(name if part == package.unit else part for part in error.params))

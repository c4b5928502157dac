"""The service that runs the package: its unit file and its start."""

from collections.abc import Sequence

from townos.errors import Invalid, TownError
from townos.i18n import DEFAULT_LOCALE, T
from townos.installations.parts import Parts
from townos.installations.steps.change import Change
from townos.limits import FAILURE_LOG_LINES
from townos.names import UnitName
from townos.operations.kinds import Progress, Step


class Service(Change):
    """Writes the unit, starts it and watches it."""

    def steps(self) -> Sequence[Step]:
        """Return the steps."""
        return (Step("unit", self._write, self._restore), Step("start", self._start, self._stop))

    async def _write(self, _: Progress) -> None:
        if not self.version_stays:
            await remove_unit(self.parts, self.old.unit)
        await restore_unit(self.parts, self.package.unit, self.plan.unit, enabled=self._enabled)

    @property
    def _enabled(self) -> bool:
        return self.plan.previous is not None and self.plan.previous.enabled

    async def _restore(self) -> None:
        previous = self.plan.previous
        if previous is None or not self.version_stays:
            await remove_unit(self.parts, self.package.unit)
        if previous is not None:
            await restore_unit(self.parts, self.old.unit, previous.unit, enabled=previous.enabled)

    async def _start(self, _: Progress) -> None:
        if not self.plan.start:
            return
        try:
            await start_unit(
                self.parts,
                self.package.unit,
                self.plan.unit,
                self.plan.watch_seconds,
                enabled=self._enabled,
                may_end=self.plan.may_end,
            )
        except TownError as error:
            lines = await self.parts.log.recent(self.package.unit, FAILURE_LOG_LINES)
            raise Invalid("install.did_not_start", self._told(error), "\n".join(lines)) from error

    def _told(self, error: TownError) -> str:
        """Return an error as people read it: by the package's name, not by that of its unit."""
        name = f"{self.package.name} {self.package.version}"
        return T(DEFAULT_LOCALE, error.code, *(name if part == self.package.unit else part for part in error.params))

    async def _stop(self) -> None:
        await self.parts.services.stop(self.package.unit)
        await self.parts.services.reset_failed(self.package.unit)
        await self.parts.podman.remove_container(self.package.container)


async def start_unit(
    parts: Parts, unit: UnitName, text: str, seconds: float, *, enabled: bool, may_end: bool = True
) -> None:
    """Start a unit and watch it; a file that is gone is written anew.

    Unit files are in RAM on an appliance: they do not outlast the power cut after which an operation goes on.
    """
    if await parts.units.read(unit) is None:
        await restore_unit(parts, unit, text, enabled=enabled)
    await parts.services.start_and_watch(unit, seconds, may_end=may_end)


async def restore_unit(parts: Parts, unit: UnitName, text: str, *, enabled: bool) -> None:
    """Make a unit file what it was, or what it shall be; an empty text means that there was none."""
    if not text:
        await remove_unit(parts, unit)
        return
    await parts.units.write(unit, text)
    await parts.services.reload()
    if enabled:
        await parts.services.enable(unit)


async def remove_unit(parts: Parts, unit: UnitName) -> None:
    """Remove a unit file with systemd's links to it, which are looked up by the file."""
    await parts.services.disable(unit)
    await parts.units.remove(unit)
    await parts.services.reload()

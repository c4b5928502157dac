"""Units: start, stop, enable, list. Every change waits for systemd's job and believes its result, not the call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import trio

from townos.errors import Invalid, Unavailable
from townos.limits import UNIT_JOB_CHECK_SECONDS, UNIT_JOB_TIMEOUT_SECONDS, UNIT_WATCH_SECONDS
from townos.names import UnitName
from townos.systemd.bus import SERVICE, UNIT, Bus, JobRemoved, NoSuchUnit

DONE: Final = "done"
RUNNING: Final = frozenset({"active", "activating", "reloading"})


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """A unit as systemd sees it; empty texts where it does not say."""

    name: str
    description: str = ""
    load_state: str = ""
    active_state: str = ""
    sub_state: str = ""
    unit_file_state: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRun:
    """How a service's last run went: automatic restarts since its start, and how its main process ended."""

    restarts: int
    result: str
    exit_status: int


class JobFailed(Invalid):
    """systemd carried out what was asked, and it did not work."""

    def __init__(self, unit: str, result: str) -> None:
        self.unit = unit
        self.result = result
        super().__init__("unit.job_failed", unit, result)


class UnitFailed(Invalid):
    """A unit started and did not stay up."""


class Systemd(Protocol):
    """The port to the service manager. Unknown units raise `NotFound`, jobs that fail `JobFailed`."""

    async def reload(self) -> None:
        """Read all unit files anew."""

    async def start(self, unit: UnitName) -> None:
        """Start a unit and wait until its start job has ended."""

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit; one that systemd does not know is stopped already."""

    async def restart(self, unit: UnitName) -> None:
        """Stop and start a unit."""

    async def restart_later(self, unit: UnitName) -> None:
        """Ask for a restart and do not wait for it: a service that restarts itself would wait for its own end."""

    async def enable(self, unit: UnitName) -> None:
        """Let a unit start at boot."""

    async def disable(self, unit: UnitName) -> None:
        """Keep a unit from starting at boot."""

    async def list_units(self, patterns: Sequence[str]) -> list[UnitStatus]:
        """Return the units that match a shell pattern, loaded or only present as files, sorted by name."""

    async def status(self, unit: UnitName) -> UnitStatus:
        """Return one unit; one that does not exist has the load state `not-found`."""

    async def last_run(self, unit: UnitName) -> ServiceRun:
        """Return how a service's last run went."""

    async def reset_failed(self, unit: UnitName) -> None:
        """Forget that a unit failed; one that systemd does not know has not failed."""


async def start_and_watch(systemd: Systemd, unit: UnitName, seconds: float, *, may_end: bool = True) -> None:
    """Start a unit and see that it stays up for so many seconds: neither stopped by a failure nor restarted.

    `Restart=on-failure` makes a program that dies every three seconds look active at every glance; its count of
    restarts does not. A clean end is fine where it `may_end`. Raises `JobFailed`, `UnitFailed`.
    """
    await systemd.reset_failed(unit)
    await systemd.start(unit)
    before = (await systemd.last_run(unit)).restarts
    with trio.move_on_after(seconds):
        while True:
            await _check_up(systemd, unit, before, may_end=may_end)
            await trio.sleep(UNIT_WATCH_SECONDS)
    await _check_up(systemd, unit, before, may_end=may_end)


async def _check_up(systemd: Systemd, unit: UnitName, restarts: int, *, may_end: bool) -> None:
    status = await systemd.status(unit)
    run = await systemd.last_run(unit)
    if run.restarts != restarts or status.sub_state == "auto-restart":
        raise UnitFailed("unit.restarted", unit)  # systemd forgets the result as soon as the next try begins
    if status.active_state == "failed":
        raise UnitFailed("unit.stopped", unit, run.result, run.exit_status)
    if status.active_state not in RUNNING and not may_end:
        raise UnitFailed("unit.ended", unit)


async def running(systemd: Systemd, unit: UnitName) -> bool:
    """Tell whether a unit is up or on its way there."""
    return (await systemd.status(unit)).active_state in RUNNING


class BusSystemd:
    """systemd on the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def reload(self) -> None:
        """Read all unit files anew."""
        await self._bus.call("Reload")

    async def start(self, unit: UnitName) -> None:
        """Start a unit and wait until its start job has ended."""
        await self._job("StartUnit", unit)

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit; one that systemd does not know is stopped already."""
        try:
            await self._job("StopUnit", unit)
        except NoSuchUnit:
            return

    async def restart(self, unit: UnitName) -> None:
        """Stop and start a unit."""
        await self._job("RestartUnit", unit)

    async def restart_later(self, unit: UnitName) -> None:
        """Ask for a restart and do not wait for it."""
        await self._bus.call("RestartUnit", "ss", unit, "replace")

    async def enable(self, unit: UnitName) -> None:
        """Let a unit start at boot."""
        await self._bus.call("EnableUnitFiles", "asbb", [unit], False, False)  # noqa: FBT003  runtime, force
        await self.reload()

    async def disable(self, unit: UnitName) -> None:
        """Keep a unit from starting at boot."""
        await self._bus.call("DisableUnitFiles", "asb", [unit], False)  # noqa: FBT003  runtime
        await self.reload()

    async def list_units(self, patterns: Sequence[str]) -> list[UnitStatus]:
        """Return the units that match a shell pattern, loaded or only present as files, sorted by name."""
        (loaded,) = await self._bus.call("ListUnitsByPatterns", "asas", [], list(patterns))
        (files,) = await self._bus.call("ListUnitFilesByPatterns", "asas", [], list(patterns))
        states = {path.rpartition("/")[2]: state for path, state in files}
        # A stopped unit is unloaded: only its file is left. A template is no unit.
        stopped = [name for name in states.keys() - {name for name, *_ in loaded} if "@." not in name]
        (others,) = await self._bus.call("ListUnitsByNames", "as", stopped)
        found = {
            name: UnitStatus(name, description, load, active, sub, states.get(name, ""))
            for name, description, load, active, sub, *_ in (*others, *loaded)
        }
        return sorted(found.values(), key=lambda unit: unit.name)

    async def status(self, unit: UnitName) -> UnitStatus:
        """Return one unit; one that does not exist has the load state `not-found`."""
        properties = await self._properties(unit, UNIT)
        names = ("Description", "LoadState", "ActiveState", "SubState", "UnitFileState")
        return UnitStatus(unit, *(str(properties[name]) for name in names))

    async def last_run(self, unit: UnitName) -> ServiceRun:
        """Return how a service's last run went."""
        properties = await self._properties(unit, SERVICE)
        return ServiceRun(properties["NRestarts"], properties["Result"], properties["ExecMainStatus"])

    async def reset_failed(self, unit: UnitName) -> None:
        """Forget that a unit failed; one that systemd does not know has not failed."""
        try:
            await self._bus.call("ResetFailedUnit", "s", unit)
        except NoSuchUnit:
            return

    async def _properties(self, unit: UnitName, interface: str) -> Any:
        (path,) = await self._bus.call("LoadUnit", "s", unit)
        return await self._bus.properties(path, interface)

    async def _job(self, member: str, unit: UnitName) -> None:
        """Ask for a job and wait for its result. Raises `JobFailed`."""
        async with self._bus.jobs() as ended:
            (path,) = await self._bus.call(member, "ss", unit, "replace")
            with trio.move_on_after(UNIT_JOB_TIMEOUT_SECONDS) as scope:
                result = await self._result(path, ended)
        if scope.cancelled_caught:
            raise JobFailed(unit, "timeout")
        if result != DONE:
            raise JobFailed(unit, result)

    async def _result(self, path: str, ended: trio.MemoryReceiveChannel[JobRemoved]) -> str:
        """Wait for the job's signal; when it does not come for a while, ask whether the job still exists."""
        while True:
            with trio.move_on_after(UNIT_JOB_CHECK_SECONDS) as scope:
                try:
                    async for job in ended:
                        if job.path == path:
                            return job.result
                except trio.ClosedResourceError as error:
                    raise Unavailable("unit.bus_lost", retry_after=1) from error
            if not scope.cancelled_caught:
                raise Unavailable("unit.bus_lost", retry_after=1)
            if not await self._exists(path):
                return await self._late(path, ended)

    async def _exists(self, path: str) -> bool:
        try:
            await self._bus.properties(path, "org.freedesktop.systemd1.Job")
        except NoSuchUnit:
            return False
        return True

    async def _late(self, path: str, ended: trio.MemoryReceiveChannel[JobRemoved]) -> str:
        """Return the result of a job that is gone: its signal was sent before the answer that it is gone."""
        while True:
            try:
                job = ended.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                return "lost"
            if job.path == path:
                return job.result

"""A service manager in memory."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import trio

from townos.names import UnitName
from townos.systemd.bus import NoSuchUnit
from townos.systemd.manager import JobFailed, ServiceRun, UnitStatus

Files = Callable[[], Mapping[str, str]]
"""Gives the unit files that are there at the moment, by name."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a service does when it is started. Without anything it starts and stays up.

    `job` is the result of its start job. `ends_after_seconds` is the life of its main process, on Trio's clock, which
    ends with `exit_status`; a status other than 0 is a failure, restarted after `restart_seconds` if there are any.
    """

    job: str = "done"
    ends_after_seconds: float | None = None
    exit_status: int = 0
    restart_seconds: float | None = None


FINE = Behaviour()
EXITS_CLEANLY = Behaviour(ends_after_seconds=0)


@dataclass(slots=True)
class _Service:
    """A service that was started: since when, as what, and whether it is over."""

    behaviour: Behaviour
    started: float
    stopped: bool = False
    job_failed: bool = False

    def run(self) -> ServiceRun:
        if self.job_failed:
            return ServiceRun(0, "resources", 0)
        ended, restarts, _ = self._course()
        status = self.behaviour.exit_status if ended else 0
        return ServiceRun(restarts, "exit-code" if status else "success", status)

    def states(self) -> tuple[str, str]:
        if self.job_failed:
            return "failed", "failed"
        if self.stopped:
            return "inactive", "dead"
        ended, _, waiting = self._course()
        if waiting:
            return "activating", "auto-restart"
        if not ended:
            return "active", "running"
        return ("failed", "failed") if self.behaviour.exit_status else ("inactive", "dead")

    def _course(self) -> tuple[bool, int, bool]:
        """Return whether its process has ended, how often it was restarted, and whether it waits to be."""
        life, pause = self.behaviour.ends_after_seconds, self.behaviour.restart_seconds
        age = trio.current_time() - self.started
        if life is None or age < life:
            return False, 0, False
        if not self.behaviour.exit_status or pause is None:
            return True, 0, False
        rounds, rest = divmod(age, life + pause)
        return rest >= life, int(rounds), rest >= life


class FakeSystemd:
    """Behaves like `BusSystemd`.

    It knows the units that `reload` finds in `files`, and those in `behaviours`, which tell what starting them does.
    `failures["start"]` fails the next calls; `on_start` has what a service does first of all. `calls` tells what was
    asked for, in order.
    """

    def __init__(self, files: Files = dict) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)
        self.calls: list[tuple[str, ...]] = []
        self.loaded: dict[str, str] = {}
        self.enabled: set[str] = set()
        self.on_start: dict[str, Callable[[], None]] = {}
        self._files = files
        self._services: dict[str, _Service] = {}

    def changes_of(self, unit: str) -> list[str]:
        """Return what was done to one unit."""
        return [call for call, *names in self.calls if names == [unit]]

    def is_running(self, unit: str) -> bool:
        """Tell whether a unit is up or on its way there."""
        return unit in self._services and self._services[unit].states()[0] in {"active", "activating"}

    async def reload(self) -> None:
        await self._begin("reload")
        self.loaded = dict(self._files())

    async def start(self, unit: UnitName) -> None:
        await self._begin("start", unit)
        self._check_known(unit)
        if not self.is_running(unit):
            self._start(unit)

    async def stop(self, unit: UnitName) -> None:
        await self._begin("stop", unit)
        if unit in self._services and self._services[unit].states()[0] != "failed":
            self._services[unit].stopped = True

    async def restart(self, unit: UnitName) -> None:
        await self._begin("restart", unit)
        self._check_known(unit)
        self._start(unit)

    async def restart_later(self, unit: UnitName) -> None:
        await self._begin("restart_later", unit)
        self._check_known(unit)
        self._start(unit)

    async def enable(self, unit: UnitName) -> None:
        await self._begin("enable", unit)
        self._check_known(unit)
        self.enabled.add(unit)

    async def disable(self, unit: UnitName) -> None:
        await self._begin("disable", unit)
        self._check_known(unit)
        self.enabled.discard(unit)

    async def list_units(self, patterns: Sequence[str]) -> list[UnitStatus]:
        await self._begin("list_units")
        names = {*self.loaded, *self.behaviours, *(name for name in self._services if self._listed(name))}
        units = [name for name in sorted(names) if "@." not in name]
        return [self._status(name) for name in units if any(fnmatchcase(name, one) for one in patterns)]

    async def status(self, unit: UnitName) -> UnitStatus:
        await self._begin("status")
        return self._status(unit)

    async def last_run(self, unit: UnitName) -> ServiceRun:
        await self._begin("last_run")
        return self._services[unit].run() if unit in self._services else ServiceRun(0, "success", 0)

    async def reset_failed(self, unit: UnitName) -> None:
        await self._begin("reset_failed", unit)
        if unit in self._services and self._services[unit].states()[0] == "failed":
            del self._services[unit]

    async def _begin(self, call: str, *unit: str) -> None:
        await trio.lowlevel.checkpoint()
        if unit or call == "reload":
            self.calls.append((call, *unit))
        if self.failures[call]:
            raise self.failures[call].pop(0)

    def _start(self, unit: str) -> None:
        behaviour = self.behaviours.get(unit, FINE)
        failed = behaviour.job != "done"
        self._services[unit] = _Service(behaviour, trio.current_time(), job_failed=failed)
        if unit in self.on_start:
            self.on_start[unit]()
        if failed:
            raise JobFailed(unit, behaviour.job)

    def _check_known(self, unit: str) -> None:
        if not self._known(unit):
            raise NoSuchUnit("unit.failed", f"Unit {unit} not found.")

    def _known(self, unit: str) -> bool:
        return unit in self.loaded or unit in self.behaviours or unit in self._files()

    def _listed(self, unit: str) -> bool:
        return self._services[unit].states()[0] != "inactive"

    def _status(self, unit: str) -> UnitStatus:
        active, sub = self._services[unit].states() if unit in self._services else ("inactive", "dead")
        known = self._known(unit)
        return UnitStatus(
            unit,
            description=_description(self.loaded.get(unit, "")) or unit,
            load_state="loaded" if known else "not-found",
            active_state=active,
            sub_state=sub,
            unit_file_state=("enabled" if unit in self.enabled else "disabled") if known else "",
        )


def _description(text: str) -> str:
    lines = (line.partition("=") for line in text.splitlines())
    return next((content for name, _, content in lines if name == "Description"), "")

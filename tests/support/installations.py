"""Installing for tests: real records, unit files and operations; volumes, podman and systemd in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from townos.app.build import Appliance
from townos.app.composition.installations import InstallationServices
from townos.installations.inspection import Inspection
from townos.installations.installations import Installations
from townos.installations.planning.install_planner import kind_of_installation
from townos.installations.planning.requests import Request
from townos.installations.reconciliation import Reconciliation
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.restorations import Restorations
from townos.installations.service_control import ServiceControl
from townos.names import PackageId, UnitName
from townos.operations import Operations, Plan
from townos.settings.settings import Settings
from townos.testing.appliance import open_appliance
from townos.testing.host import FakeHost
from townos.testing.operations import resumed
from townos.testing.podman import FakePodman

IMAGE = "docker.io/library/nginx:latest"
OTHER_IMAGE = "docker.io/library/busybox:latest"
WEB = PackageId.parse("core", "web", "1.0")
MANIFEST = """
image: nginx
description: A web server
environment: {GREETING: "@greeting@", PASSWORD: "@password@"}
network: {external: {"@port@": "80"}, internal: {"9000": "9001"}}
volumes:
  data: {mountpoint: /data, quota: "@size@", uid: 33, gid: 33}
  logs: {mountpoint: /logs}
questions:
  greeting: {query: How to greet?, default: hello}
  password: {query: Which password?, type: secret}
  port: {query: Which port?, type: port}
  size: {query: How much?, type: bytes, default: 1gb}
notes:
  address: {value: "http://@LOCAL_INTERNAL_HOST@:@port@", type: url}
  login: {value: "admin / @password@"}
"""
ANSWERS = {"greeting": "hi", "password": "s3cret", "port": "8081", "size": "2gb"}


@dataclass(slots=True)
class PackageHost(FakeHost):
    """A fake host with packages to install."""

    start_watch_seconds: str = "0"
    upgrade_watch_seconds: str = "1"
    podman: FakePodman = field(default_factory=lambda: FakePodman(IMAGE, OTHER_IMAGE))

    def offer(self, package: PackageId = WEB, text: str = MANIFEST) -> Path:
        """Put a manifest into its repository."""
        path = self.repositories / package.repository / "packages" / package.name / f"{package.version}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
        return path

    def left(self, package: PackageId = WEB) -> set[str]:
        """Return everything that there is of a package, its volumes under `uninstalled/` and last answers included."""
        found = {str(path) for path in self.volumes.quotas if package.name in path.parts}
        for directory in (self.units, self.network, self.repositories / "installed", self.repositories / "responses"):
            found |= {str(path.relative_to(self.path)) for path in directory.rglob("*")}
        found |= {f"container {name}" for name in self.podman.containers}
        found |= {"enabled"} if package.unit in self.systemd.enabled else set()
        return found | ({"running"} if self.running(package) else set())

    def running(self, package: PackageId = WEB) -> bool:
        return self.systemd.is_running(package.unit)

    async def power_cut(self) -> None:
        """Empty `/etc` and `/run`, and stop everything."""
        for name in self.unit_texts():
            await self.systemd.stop(UnitName.parse(name))
        for path in (*self.units.glob("*"), *self.network.glob("*")):
            path.unlink()
        self.systemd.calls.clear()
        self.systemd.loaded.clear()
        self.systemd.enabled.clear()

    @asynccontextmanager
    async def process(self, crash: str = "", *, settled: bool = True) -> AsyncIterator["Process"]:
        """Run a process of the appliance until the block ends. It dies at the crash point, if there is one.

        With `settled`, the operations that an earlier process left have ended when the block begins.
        """
        async with open_appliance(self, crash=crash) as opened:
            await opened.settings.set("start_watch_seconds", self.start_watch_seconds)
            await opened.settings.set("upgrade_watch_seconds", self.upgrade_watch_seconds)
            async with trio.open_nursery() as nursery:
                await nursery.start(opened.appliance.core.operations.serve)
                if settled:
                    await resumed(opened.appliance.core.operations)
                yield Process(opened.appliance)
                nursery.cancel_scope.cancel()


@dataclass(frozen=True, slots=True)
class Process:
    """A running process: what is built anew at each start."""

    appliance: Appliance

    @property
    def operations(self) -> Operations:
        return self.appliance.core.operations

    @property
    def settings(self) -> Settings:
        return self.appliance.core.settings

    @property
    def installed(self) -> InstallationServices:
        return self.appliance.packages.installed

    @property
    def records(self) -> Records:
        return self.installed.records

    @property
    def start_failures(self) -> StartFailures:
        return self.installed.start_failures

    @property
    def installations(self) -> Installations:
        return self.installed.installations

    @property
    def inspection(self) -> Inspection:
        return self.installed.inspection

    @property
    def reconciliation(self) -> Reconciliation:
        return self.installed.reconciliation

    @property
    def control(self) -> ServiceControl:
        return self.installed.control

    @property
    def restorations(self) -> Restorations:
        return self.installed.restorations

    async def install(self, package: PackageId = WEB, answers: Mapping[str, str] = ANSWERS, **more: Any) -> None:
        """Install; `more` are the other fields of the request, and `data_reuse` about earlier data."""
        loaded = await self.inspection.load(package)
        await self.installations.install(Request(loaded, answers, **more))

    async def plan(self, package: PackageId = WEB, answers: Mapping[str, str] = ANSWERS) -> Plan:
        """Plan what `install` would do now."""
        loaded, state = await self.inspection.load(package), await self.installations.installed.state()
        kind = kind_of_installation(loaded, state)
        prepared = await self.installations.install_planner.prepare(Request(loaded, answers), kind, state)
        plan = prepared.claim(self.operations.claims())
        assert plan is not None
        return plan

    async def uninstall(self, package: PackageId = WEB, *, purge: bool = False) -> None:
        await self.installations.uninstall(package, purge=purge)


INSTALL_STEPS: Sequence[str] = ("pull", "volumes", "record", "network", "unit", "start", "finish")
REPLACE_STEPS: Sequence[str] = (
    "pull",
    "volumes",
    "stop",
    "snapshot",
    "move",
    "record",
    "network",
    "unit",
    "start",
    "finish",
)
"""Of other answers, and of another version."""


def moments(steps: Sequence[str]) -> list[str]:
    """Return the crash points at these steps: before each, and after."""
    return [f"{step}:{moment}" for step in steps for moment in ("before", "after")]


def moments_up_to_a_failing_start(steps: Sequence[str]) -> list[str]:
    """Return the crash points that an operation gets to whose program does not stay up."""
    return [*moments(steps[: steps.index("start")]), "start:before"]


UNINSTALL_STEPS: Sequence[str] = ("stop", "unit", "network", "snapshot", "volumes", "record")
PURGE_STEPS: Sequence[str] = ("stop", "unit", "network", "volumes", "record")
"""Of an uninstallation that keeps nothing."""

"""Installing for tests: real records, unit files and operations; volumes, podman and systemd in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from townos.api.routes.packages import Rooms
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.installations.control import ServiceControl
from townos.installations.parts import Parts
from townos.installations.planning.inspection import Inspection
from townos.installations.planning.manifests import CheckoutManifests
from townos.installations.planning.planner import Surroundings
from townos.installations.planning.requests import Request
from townos.installations.reconcile import Reconciliation
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.store import Records
from townos.installations.records.troubles import Troubles
from townos.installations.records.upgrades import Upgrades
from townos.installations.restorations import Restorations
from townos.installations.service import Installations
from townos.installations.services import UnitServices
from townos.names import PackageId, UnitName
from townos.network.files import NetworkStateFiles
from townos.network.port_mapping import NetworkMode
from townos.operations import CrashPoint, Operations, Plan
from townos.packages.compile import HostNames
from townos.repositories import Catalogue
from townos.settings.settings import Settings
from townos.storage.space.guard import SpaceGuard
from townos.systemd.directory import UnitDirectory
from townos.testing.archives import FakeArchives
from townos.testing.clock import FakeClock
from townos.testing.git import FakeGitClient
from townos.testing.journal import FakeJournal
from townos.testing.operations import die, resumed
from townos.testing.podman import FakePodman
from townos.testing.systemd import FakeSystemd
from townos.testing.vm import FakeVmImages
from townos.testing.volumes import FakeVolumes

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


class FakeSockets:
    """Ports that somebody listens on, by the name of the process."""

    def __init__(self) -> None:
        self.holders: dict[int, str] = {}

    async def ports(self) -> frozenset[int]:
        return frozenset(self.holders)

    async def holder(self, port: int) -> str:
        return self.holders.get(port, "")


@dataclass(slots=True)
class Machine:
    """What lasts while the process comes and goes."""

    path: Path
    network_mode: NetworkMode = "bridge"
    start_watch_seconds: str = "0"
    upgrade_watch_seconds: str = "1"
    volumes: FakeVolumes = field(init=False)
    git: FakeGitClient = field(default_factory=FakeGitClient)
    archives: FakeArchives = field(default_factory=FakeArchives)
    vm_images: FakeVmImages = field(default_factory=FakeVmImages)
    podman: FakePodman = field(default_factory=lambda: FakePodman(IMAGE, OTHER_IMAGE))
    journal: FakeJournal = field(default_factory=FakeJournal)
    sockets: FakeSockets = field(default_factory=FakeSockets)
    clock: FakeClock = field(default_factory=FakeClock)
    systemd: FakeSystemd = field(init=False)

    def __post_init__(self) -> None:
        self.volumes = FakeVolumes(self.path / "town-os")
        self.systemd = FakeSystemd(self.unit_texts)
        self.volumes.roots_made = True

    @property
    def repositories(self) -> Path:
        return self.path / "repos"

    @property
    def units(self) -> Path:
        return self.path / "units"

    @property
    def network(self) -> Path:
        return self.path / "network"

    def unit_texts(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.units.glob("*.service")}

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
        async with Database.open(self.path / "system.db", MIGRATIONS) as database:
            settings = await Settings.open(database)
            await settings.set("start_watch_seconds", self.start_watch_seconds)
            await settings.set("upgrade_watch_seconds", self.upgrade_watch_seconds)
            operations = Operations(database, self.clock, CrashPoint.parse_all(crash), die)
            made = Process.of(self, operations, settings)
            async with trio.open_nursery() as nursery:
                await nursery.start(operations.serve)
                if settled:
                    await resumed(operations)
                yield made
                nursery.cancel_scope.cancel()


@dataclass(slots=True)
class Process:
    """A running process: what is built anew at each start."""

    parts: Parts
    operations: Operations
    settings: Settings
    installations: Installations
    inspection: Inspection
    reconciliation: Reconciliation
    control: ServiceControl
    restorations: Restorations

    @classmethod
    def of(cls, machine: Machine, operations: Operations, settings: Settings) -> "Process":
        def hosts() -> HostNames:
            return HostNames("203.0.113.7", "192.168.1.2")

        records = Records(machine.repositories)
        parts = Parts(
            records=records,
            volumes=machine.volumes,
            podman=machine.podman,
            services=UnitServices(machine.systemd),
            units=UnitDirectory(machine.units),
            network=NetworkStateFiles(machine.network),
            log=machine.journal,
            manifests=CheckoutManifests(machine.repositories, machine.git),
            troubles=Troubles(),
            installed=InstalledPackages(records, hosts),
            git=machine.git,
            archives=machine.archives,
            vm_images=machine.vm_images,
        )
        surroundings = Surroundings(
            network_mode=machine.network_mode,
            listen_port=5309,
            sockets=machine.sockets,
            settings=settings,
            hosts=hosts,
            clock=machine.clock,
            space=SpaceGuard(machine.volumes.usage, settings),
            seccomp=machine.path / "seccomp.json",
        )
        installations = Installations(parts, operations, surroundings, lambda: None)
        inspection = Inspection(parts, installations.planner)
        reconciliation = Reconciliation(parts, installations.planner, operations)
        control = ServiceControl(machine.systemd, parts.records, parts.troubles, operations.require_idle)
        restorations = Restorations(parts, operations, settings, machine.clock, lambda: None)
        return cls(parts, operations, settings, installations, inspection, reconciliation, control, restorations)

    async def install(self, package: PackageId = WEB, answers: Mapping[str, str] = ANSWERS, **more: Any) -> None:
        """Install; `more` are the other fields of the request, and `wishes` about earlier data."""
        await self.installations.install(Request(package, answers, **more))

    async def plan(self, package: PackageId = WEB, answers: Mapping[str, str] = ANSWERS) -> Plan:
        """Plan what `install` would do now."""
        planner = self.installations.planner
        return await planner.install(Request(package, answers), await planner.kind(package))

    def rooms(self, catalogue: Catalogue) -> Rooms:
        """Return what the routes of packages ask."""
        upgrades = Upgrades(self.parts, catalogue, self.settings)
        return Rooms(catalogue, self.installations, self.inspection, upgrades)

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

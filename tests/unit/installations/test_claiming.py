"""Packages that are installed at the same time never get the same port, unit name or disk, and wait for no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tests.support.examples import examples
from tests.support.installations import PackageHost, Process
from tests.support.waiting import wait_until
from townos.errors import Conflict
from townos.installations.planning.claims import TakenByOthers
from townos.installations.planning.plans import INSTALL, UPGRADE, InstallPlan, stored
from townos.installations.subjects import subject_of
from townos.names import PackageId
from townos.operations import Claim
from townos.testing.network import FakeSockets

FIRST, SECOND, THIRD = (PackageId.parse("core", name, "1.0") for name in ("first", "second", "third"))
PACKAGES = (FIRST, SECOND, THIRD)
SAME_UNIT = PackageId.parse("core-web", "x", "1.0"), PackageId.parse("core", "web-x", "1.0")
WEB = 'image: nginx\nnetwork: {external: {"@port@": "80"}}\nquestions: {port: {query: Which?, type: port}}'
URL = "https://images.example/disk.qcow2"
MACHINE = f'vm: {{image: "{URL}", memory: 512mb}}'


class SlowSockets(FakeSockets):
    """Tells who listens only after some time, which differs from call to call."""

    def __init__(self, seconds: Sequence[float]) -> None:
        super().__init__()
        self._seconds = list(seconds)

    async def ports(self) -> frozenset[int]:
        ports = await super().ports()
        await trio.sleep(self._seconds.pop() if self._seconds else 0)
        return ports


class HeldSockets(FakeSockets):
    """Keeps the first who asks waiting until `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = trio.Event()
        self.released = trio.Event()

    async def ports(self) -> frozenset[int]:
        ports = await super().ports()
        if not self.asked.is_set():
            self.asked.set()
            await self.released.wait()
        return ports


@dataclass
class Outcomes:
    """What became of installations: the answers of those that are installed, the words for the others."""

    installed: dict[PackageId, str] = field(default_factory=dict)
    refused: dict[PackageId, str] = field(default_factory=dict)

    async def install(self, process: Process, package: PackageId, port: str = "") -> None:
        try:
            await process.install(package, {"port": port} if port else {})
        except Conflict as error:
            self.refused[package] = error.text()
        else:
            self.installed[package] = (await process.records.answers(package)).get("port", "")


@pytest.fixture
def host(tmp_path: Path) -> PackageHost:
    host = PackageHost(tmp_path)
    for package in PACKAGES:
        host.offer(package, WEB)
    return host


async def overtaken(
    host: PackageHost,
    first: PackageId,
    second: PackageId,
    *,
    port: str = "",
    holders: Mapping[int, str] = MappingProxyType({}),
) -> Outcomes:
    """Install the second package while the planning of the first hangs, then let the first go on."""
    host.sockets = sockets = HeldSockets()
    sockets.holders.update(holders)
    outcomes = Outcomes()
    async with host.process() as process, trio.open_nursery() as nursery:
        nursery.start_soon(outcomes.install, process, first, port)
        await sockets.asked.wait()
        await outcomes.install(process, second, port)
        sockets.released.set()
    return outcomes


async def test_a_package_whose_planning_hangs_delays_no_other(host: PackageHost) -> None:
    host.sockets = sockets = HeldSockets()
    outcomes = Outcomes()
    async with host.process() as process, trio.open_nursery() as nursery:
        nursery.start_soon(outcomes.install, process, FIRST, "8001")
        await sockets.asked.wait()
        with trio.fail_after(5):
            await outcomes.install(process, SECOND, "8002")
        assert outcomes.installed == {SECOND: "8002"}
        sockets.released.set()
    assert outcomes.installed == {FIRST: "8001", SECOND: "8002"}


async def test_a_port_that_is_taken_meanwhile_is_refused_with_its_holder(host: PackageHost) -> None:
    outcomes = await overtaken(host, FIRST, SECOND, port="8001")
    assert outcomes.installed == {SECOND: "8001"}
    assert "8001" in outcomes.refused[FIRST]
    assert str(SECOND) in outcomes.refused[FIRST]


async def test_a_port_that_is_claimed_meanwhile_is_refused_with_its_holder(host: PackageHost) -> None:
    host.sockets = sockets = HeldSockets()
    host.podman.gate = trio.Event()
    outcomes = Outcomes()
    async with host.process() as process, trio.open_nursery() as nursery:
        nursery.start_soon(outcomes.install, process, FIRST, "8001")
        await sockets.asked.wait()
        nursery.start_soon(outcomes.install, process, SECOND, "8001")
        await host.podman.pulling.wait()
        sockets.released.set()
        await wait_until(lambda: bool(outcomes.refused))
        host.podman.gate.set()
    assert str(SECOND) in outcomes.refused[FIRST]
    assert outcomes.installed == {SECOND: "8001"}


async def test_a_generated_port_that_is_taken_meanwhile_is_generated_again(host: PackageHost) -> None:
    outcomes = await overtaken(host, FIRST, SECOND, holders=dict.fromkeys(range(10_000, 59_999), "x"))
    assert set(outcomes.installed) == {FIRST, SECOND}
    assert set(outcomes.installed.values()) == {"59999", "60000"}


async def test_a_unit_name_that_is_taken_meanwhile_is_refused(host: PackageHost) -> None:
    first, second = SAME_UNIT
    for package in SAME_UNIT:
        host.offer(package, "image: nginx")
    outcomes = await overtaken(host, first, second)
    assert set(outcomes.installed) == {second}
    assert str(second) in outcomes.refused[first]


async def test_a_disk_that_is_taken_meanwhile_is_refused(host: PackageHost) -> None:
    for package in (FIRST, SECOND):
        host.offer(package, MACHINE)
    host.vm_images.internet[URL] = 1024
    outcomes = await overtaken(host, FIRST, SECOND)
    assert set(outcomes.installed) == {SECOND}
    assert str(SECOND) in outcomes.refused[FIRST]


def install_plan(*ports: int, disk: str = "") -> InstallPlan:
    return InstallPlan("", {}, [], list(ports), unit="", network_state="", watch_seconds=0, vm_image=disk)


@pytest.mark.parametrize(
    ("package", "plan", "taken", "overlaps"),
    [
        (FIRST, install_plan(1, 2), Claim(subject_of(SECOND), INSTALL, stored(install_plan(2, 3))), True),
        (FIRST, install_plan(1, 2), Claim(subject_of(SECOND), INSTALL, stored(install_plan(3))), False),
        (FIRST, install_plan(disk=URL), Claim(subject_of(SECOND), UPGRADE, stored(install_plan(disk=URL))), True),
        (FIRST, install_plan(disk=URL), Claim(subject_of(SECOND), INSTALL, stored(install_plan())), False),
        (SAME_UNIT[0], install_plan(), Claim(subject_of(SAME_UNIT[1]), INSTALL, stored(install_plan())), True),
        (FIRST, install_plan(1, disk=URL), Claim(subject_of(FIRST), INSTALL, stored(install_plan(1, disk=URL))), False),
        (FIRST, install_plan(1), Claim(subject_of(SECOND), "upload", {"ports": [1]}), False),
        (FIRST, install_plan(1), Claim(subject_of(SECOND), INSTALL, stored(install_plan(1)), is_left=True), False),
        (
            SAME_UNIT[0],
            install_plan(),
            Claim(subject_of(SAME_UNIT[1]), INSTALL, stored(install_plan()), is_left=True),
            True,
        ),
    ],
)
def test_a_plan_overlaps_with_ports_disks_and_units_of_others(
    package: PackageId, plan: InstallPlan, taken: Claim, overlaps: bool
) -> None:
    assert TakenByOthers.of(package, [taken]).overlaps(package, plan) is overlaps


@given(
    ports=st.tuples(*[st.sampled_from(["8001", "8002", ""])] * len(PACKAGES)),
    seconds=st.lists(st.sampled_from([0.0, 0.3, 1.0]), max_size=6),
)
@settings(max_examples=examples(15))
def test_packages_installed_side_by_side_never_share_a_port(ports: tuple[str, ...], seconds: Sequence[float]) -> None:
    async def interleave() -> Outcomes:
        outcomes = Outcomes()
        with TemporaryDirectory() as directory:
            host = PackageHost(Path(directory))
            host.sockets = SlowSockets(seconds)
            host.sockets.holders = dict.fromkeys(range(10_000, 59_998), "x")
            for package in PACKAGES:
                host.offer(package, WEB)
            async with host.process() as process, trio.open_nursery() as nursery:
                for package, port in zip(PACKAGES, ports, strict=True):
                    nursery.start_soon(outcomes.install, process, package, port)
        return outcomes

    outcomes = trio.run(interleave, clock=MockClock(autojump_threshold=0.001))
    assert len(set(outcomes.installed.values())) == len(outcomes.installed)
    asked_for = {port for port in ports if port}
    assert asked_for <= set(outcomes.installed.values())
    assert len(outcomes.installed) == len(asked_for) + ports.count("")
    assert all(any(str(holder) in text for holder in PACKAGES) for text in outcomes.refused.values())

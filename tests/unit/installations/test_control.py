"""What people do to services by hand lasts over the next start."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import WEB, Machine
from townos.errors import Conflict
from townos.names import PackageId, UnitName
from townos.testing.systemd import FINE

HELPER = UnitName.parse("town-os-package--core-web-1.0-80-tcp.socket")
OTHER_VERSION = PackageId.parse("core", "web", "1.0.1")

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def machine(tmp_path: Path, autojump_clock: MockClock) -> Machine:
    """A machine with one installed package."""
    machine = Machine(tmp_path)
    machine.offer()
    async with machine.process() as process:
        await process.install()
    return machine


async def restarted(machine: Machine) -> bool:
    """Start the program again with `/etc` empty and the service down; tell whether the service came up."""
    await machine.systemd.stop(WEB.unit)
    machine.systemd.enabled.clear()
    async with machine.process() as process:
        await process.reconciliation.run()
    return machine.running()


@pytest.mark.conformance("UNIT-08")
async def test_a_disabled_service_stays_down_after_a_restart_and_an_enabled_one_comes_up(machine: Machine) -> None:
    async with machine.process() as process:
        for _ in range(2):
            await process.control.disable(WEB.unit)
    assert machine.running()
    assert not await restarted(machine)
    async with machine.process() as process:
        for _ in range(2):
            await process.control.enable(WEB.unit)
    assert machine.systemd.enabled == {WEB.unit}
    assert await restarted(machine)


async def test_a_stopped_service_comes_up_again(machine: Machine) -> None:
    async with machine.process() as process:
        await process.control.stop(WEB.unit)
        assert not machine.running()
    assert await restarted(machine)


async def test_units_that_are_no_packages_are_systemds_business_alone(machine: Machine) -> None:
    machine.systemd.behaviours[HELPER] = machine.systemd.behaviours[OTHER_VERSION.unit] = FINE
    async with machine.process() as process:
        for unit in (HELPER, OTHER_VERSION.unit):
            await process.control.disable(unit)
    assert await restarted(machine)


@pytest.mark.parametrize("action", ["enable", "disable"])
async def test_what_an_operation_works_on_is_neither_enabled_nor_disabled(machine: Machine, action: str) -> None:
    async with machine.process() as process, trio.open_nursery() as nursery:
        machine.podman.gate = trio.Event()
        machine.podman.pulling = trio.Event()
        nursery.start_soon(process.install)
        await machine.podman.pulling.wait()
        with pytest.raises(Conflict, match="core/web"):
            await getattr(process.control, action)(WEB.unit)
        machine.podman.gate.set()
    assert await restarted(machine)

"""What people do to services by hand lasts over the next start."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import WEB, PackageHost
from townos.errors import Conflict
from townos.names import PackageId, UnitName
from townos.testing.systemd import FINE

HELPER = UnitName.parse("town-os-package--core-web-1.0-80-tcp.socket")
OTHER_VERSION = PackageId.parse("core", "web", "1.0.1")

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with one installed package."""
    host = PackageHost(tmp_path)
    host.offer()
    async with host.process() as process:
        await process.install()
    return host


async def restarted(host: PackageHost) -> bool:
    """Start the program again with `/etc` empty and the service down; tell whether the service came up."""
    await host.systemd.stop(WEB.unit)
    host.systemd.enabled.clear()
    async with host.process() as process:
        await process.reconciliation.run()
    return host.running()


@pytest.mark.conformance("UNIT-08")
async def test_a_disabled_service_stays_down_after_a_restart_and_an_enabled_one_comes_up(host: PackageHost) -> None:
    async with host.process() as process:
        for _ in range(2):
            await process.control.disable(WEB.unit)
    assert host.running()
    assert not await restarted(host)
    async with host.process() as process:
        for _ in range(2):
            await process.control.enable(WEB.unit)
    assert host.systemd.enabled == {WEB.unit}
    assert await restarted(host)


async def test_a_stopped_service_comes_up_again(host: PackageHost) -> None:
    async with host.process() as process:
        await process.control.stop(WEB.unit)
        assert not host.running()
    assert await restarted(host)


async def test_units_that_are_no_packages_are_systemds_business_alone(host: PackageHost) -> None:
    host.systemd.behaviours[HELPER] = host.systemd.behaviours[OTHER_VERSION.unit] = FINE
    async with host.process() as process:
        for unit in (HELPER, OTHER_VERSION.unit):
            await process.control.disable(unit)
    assert await restarted(host)


@pytest.mark.parametrize("action", ["enable", "disable"])
async def test_a_busy_package_is_neither_enabled_nor_disabled(host: PackageHost, action: str) -> None:
    async with host.process() as process, trio.open_nursery() as nursery:
        host.podman.gate = trio.Event()
        host.podman.pulling = trio.Event()
        nursery.start_soon(process.install)
        await host.podman.pulling.wait()
        with pytest.raises(Conflict, match="core/web"):
            await getattr(process.control, action)(WEB.unit)
        host.podman.gate.set()
    assert await restarted(host)

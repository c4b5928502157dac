"""At boot: what is installed comes up again, and what runs is left alone."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import IMAGE, WEB, PackageHost
from tests.support.waiting import wait_until
from townos.errors import Foreign, Internal
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

OTHERS = [PackageId.parse("core", f"other{number}", "1") for number in range(6)]

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with one installed package."""
    host = PackageHost(tmp_path)
    host.offer()
    async with host.process() as process:
        await process.install()
    host.systemd.calls.clear()
    host.podman.pulls.clear()
    return host


async def boot(host: PackageHost, *, after_power_cut: bool = False) -> dict[str, str]:
    """Start the process, and return what failed."""
    if after_power_cut:
        await host.power_cut()
    async with host.process() as process:
        await process.reconciliation.run()
        return {package: str(reason) for package, reason in process.start_failures.reasons().items()}


async def test_a_running_service_is_not_touched(host: PackageHost) -> None:
    assert await boot(host) == {}
    assert host.systemd.calls == []
    assert host.running()


async def test_units_and_network_state_are_made_from_the_records_after_a_power_cut(host: PackageHost) -> None:
    unit, state = host.unit_texts()[WEB.unit], (host.network / WEB.network_state).read_text()
    assert await boot(host, after_power_cut=True) == {}
    assert host.unit_texts()[WEB.unit] == unit
    assert (host.network / WEB.network_state).read_text() == state
    assert host.running()
    assert host.podman.pulls == []


async def test_a_quota_that_somebody_changed_outlasts_the_boot(host: PackageHost) -> None:
    data = VolumePath.installed(WEB, VolumeName.parse("data"))
    host.volumes.quotas[data] = 7
    await boot(host, after_power_cut=True)
    assert host.volumes.quotas[data] == 7
    host.volumes.clear(data)
    await boot(host)
    assert host.volumes.quotas[data] == 2 * 1024**3


async def test_units_are_read_anew_once_for_all(host: PackageHost) -> None:
    async with host.process() as process:
        for package in OTHERS:
            host.offer(package, "image: nginx")
            await process.install(package, {})
    await boot(host, after_power_cut=True)
    assert host.systemd.calls.count(("reload",)) == 1
    assert all(host.running(package) for package in (WEB, *OTHERS))


async def test_a_changed_unit_file_is_put_right_and_its_service_restarted(host: PackageHost) -> None:
    path = host.units / WEB.unit
    right = path.read_text()
    path.write_text("[Service]\nExecStart=/bin/true\n")
    await boot(host)
    assert path.read_text() == right
    assert [call for call, *_ in host.systemd.calls] == ["reload", "stop", "reset_failed", "start"]
    assert host.running()


async def test_a_stopped_service_is_started_and_a_disabled_one_is_not(host: PackageHost) -> None:
    await host.systemd.stop(WEB.unit)
    await boot(host)
    assert host.running()
    (host.repositories / "installed/core/web/disabled").touch()
    await boot(host, after_power_cut=True)
    assert WEB.unit in host.unit_texts()
    assert not host.running()


async def test_a_resumed_operation_holds_up_no_other_package(host: PackageHost) -> None:
    busy = OTHERS[0]
    host.offer(busy, "image: nginx")
    async with host.process() as process:
        await process.install(busy, {})
    with dying():
        async with host.process("install:pull:before") as process:
            await process.install(busy, {})
    await host.power_cut()
    host.podman.gate = trio.Event()
    async with host.process(settled=False) as process, trio.open_nursery() as nursery:
        nursery.start_soon(process.reconciliation.run)
        await host.podman.pulling.wait()
        await wait_until(host.running)
        assert not host.running(busy)
        host.podman.gate.set()
    assert host.running(busy)


@pytest.mark.parametrize("remedy", ["install", "uninstall", "start", "restart", "disable"])
async def test_a_package_is_in_trouble_until_somebody_puts_it_right(host: PackageHost, remedy: str) -> None:
    host.systemd.behaviours[WEB.unit] = Behaviour(job="failed")
    await host.power_cut()
    async with host.process() as process:
        await process.reconciliation.run()
        assert set(process.start_failures.reasons()) == {str(WEB)}
        del host.systemd.behaviours[WEB.unit]
        if remedy in {"install", "uninstall"}:
            await getattr(process, remedy)()
        else:
            await getattr(process.control, remedy)(WEB.unit)
        assert process.start_failures.reasons() == {}


async def test_a_missing_image_is_fetched(host: PackageHost) -> None:
    host.podman.images.clear()
    await boot(host, after_power_cut=True)
    assert host.podman.pulls == [IMAGE]
    assert host.running()


async def test_a_missing_volume_is_made(host: PackageHost) -> None:
    before = dict(host.volumes.quotas)
    host.volumes.clear()
    await boot(host, after_power_cut=True)
    assert host.volumes.quotas == before


async def test_an_unexpected_error_in_one_package_keeps_no_other_down(host: PackageHost) -> None:
    host.offer(OTHERS[0], "image: busybox")
    async with host.process() as process:
        await process.install(OTHERS[0], {})
    host.volumes.failures["exists"].append(ValueError("nobody thought of that"))
    assert await boot(host, after_power_cut=True) == {str(WEB): "ValueError: nobody thought of that"}
    assert host.running(OTHERS[0])


@pytest.mark.parametrize("trouble", ["manifest", "answers", "unit", "image", "volume", "start", "network state"])
async def test_a_package_that_cannot_start_is_reported_and_blocks_no_other(host: PackageHost, trouble: str) -> None:
    host.offer(OTHERS[0], "image: busybox")
    async with host.process() as process:
        await process.install(OTHERS[0], {})
    match trouble:
        case "manifest":
            (host.repositories / "installed/core/web/1.0.yaml").write_text("image: [")
        case "answers":
            (host.repositories / "responses/core/web/1.0.json").unlink()
        case "image":
            host.podman.images.discard(IMAGE)
            host.podman.failures["pull"].append(Foreign("container.image_unknown", IMAGE, "docker.io"))
        case "volume":
            host.volumes.failures["exists"].append(Internal("unit.failed", "no"))
        case "start":
            host.systemd.behaviours[WEB.unit] = Behaviour(job="failed")
        case "unit":
            (host.units / WEB.unit).unlink()
            (host.units / WEB.unit).mkdir()
        case _:
            (host.network / WEB.network_state).unlink()
            (host.network / WEB.network_state).mkdir()
    failures = await boot(host, after_power_cut=trouble not in {"unit", "network state"})
    assert set(failures) == {str(WEB)}
    assert failures[str(WEB)]
    assert host.running(OTHERS[0])

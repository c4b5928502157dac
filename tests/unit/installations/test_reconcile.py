"""At boot: what is installed comes up again, and what runs is left alone."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import IMAGE, WEB, Machine
from townos.errors import Foreign, Internal
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

OTHERS = [PackageId.parse("core", f"other{number}", "1") for number in range(6)]

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def machine(tmp_path: Path, autojump_clock: MockClock) -> Machine:
    """A machine with one installed package."""
    machine = Machine(tmp_path)
    machine.offer()
    async with machine.process() as process:
        await process.install()
    machine.systemd.calls.clear()
    machine.podman.pulls.clear()
    return machine


async def boot(machine: Machine, *, after_power_cut: bool = False) -> dict[str, str]:
    """Start the process, and return what failed."""
    if after_power_cut:
        await machine.power_cut()
    async with machine.process() as process:
        await process.reconciliation.run()
        return process.parts.troubles.reasons()


async def test_what_runs_is_not_touched(machine: Machine) -> None:
    assert await boot(machine) == {}
    assert machine.systemd.calls == []
    assert machine.running()


async def test_after_a_power_cut_everything_is_made_anew_from_the_records(machine: Machine) -> None:
    unit, state = machine.unit_texts()[WEB.unit], (machine.network / WEB.network_state).read_text()
    assert await boot(machine, after_power_cut=True) == {}
    assert machine.unit_texts()[WEB.unit] == unit
    assert (machine.network / WEB.network_state).read_text() == state
    assert machine.running()
    assert machine.podman.pulls == []


async def test_a_quota_that_somebody_changed_outlasts_the_boot(machine: Machine) -> None:
    data = VolumePath.installed(WEB, VolumeName.parse("data"))
    machine.volumes.quotas[data] = 7
    await boot(machine, after_power_cut=True)
    assert machine.volumes.quotas[data] == 7
    machine.volumes.clear(data)
    await boot(machine)
    assert machine.volumes.quotas[data] == 2 * 1024**3


async def test_units_are_read_anew_once_for_all(machine: Machine) -> None:
    async with machine.process() as process:
        for package in OTHERS:
            machine.offer(package, "image: nginx")
            await process.install(package, {})
    await boot(machine, after_power_cut=True)
    assert machine.systemd.calls.count(("reload",)) == 1
    assert all(machine.running(package) for package in (WEB, *OTHERS))


async def test_a_changed_unit_file_is_put_right_and_its_service_restarted(machine: Machine) -> None:
    path = machine.units / WEB.unit
    right = path.read_text()
    path.write_text("[Service]\nExecStart=/bin/true\n")
    await boot(machine)
    assert path.read_text() == right
    assert [call for call, *_ in machine.systemd.calls] == ["reload", "stop", "reset_failed", "start"]
    assert machine.running()


async def test_a_stopped_service_is_started_and_a_disabled_one_is_not(machine: Machine) -> None:
    await machine.systemd.stop(WEB.unit)
    await boot(machine)
    assert machine.running()
    (machine.repositories / "installed/core/web/disabled").touch()
    await boot(machine, after_power_cut=True)
    assert WEB.unit in machine.unit_texts()
    assert not machine.running()


async def test_nobody_waits_for_an_operation_that_is_resumed(machine: Machine) -> None:
    busy = OTHERS[0]
    machine.offer(busy, "image: nginx")
    async with machine.process() as process:
        await process.install(busy, {})
    with dying():
        async with machine.process("install:pull:before") as process:
            await process.install(busy, {})
    await machine.power_cut()
    machine.podman.gate = trio.Event()
    async with machine.process(settled=False) as process, trio.open_nursery() as nursery:
        nursery.start_soon(process.reconciliation.run)
        await machine.podman.pulling.wait()
        while not machine.running():  # work in threads hides from the clock and from `wait_all_tasks_blocked`
            await trio.lowlevel.checkpoint()
        assert not machine.running(busy)
        machine.podman.gate.set()
    assert machine.running(busy)


@pytest.mark.parametrize("remedy", ["install", "uninstall", "start", "restart", "disable"])
async def test_a_package_is_in_trouble_until_somebody_puts_it_right(machine: Machine, remedy: str) -> None:
    machine.systemd.behaviours[WEB.unit] = Behaviour(job="failed")
    await machine.power_cut()
    async with machine.process() as process:
        await process.reconciliation.run()
        assert set(process.parts.troubles.reasons()) == {str(WEB)}
        del machine.systemd.behaviours[WEB.unit]
        if remedy in {"install", "uninstall"}:
            await getattr(process, remedy)()
        else:
            await getattr(process.control, remedy)(WEB.unit)
        assert process.parts.troubles.reasons() == {}


async def test_a_missing_image_is_fetched(machine: Machine) -> None:
    machine.podman.images.clear()
    await boot(machine, after_power_cut=True)
    assert machine.podman.pulls == [IMAGE]
    assert machine.running()


async def test_a_missing_volume_is_made(machine: Machine) -> None:
    before = dict(machine.volumes.quotas)
    machine.volumes.clear()
    await boot(machine, after_power_cut=True)
    assert machine.volumes.quotas == before


async def test_not_even_a_mistake_of_ours_in_one_package_keeps_another_down(machine: Machine) -> None:
    machine.offer(OTHERS[0], "image: busybox")
    async with machine.process() as process:
        await process.install(OTHERS[0], {})
    machine.volumes.failures["exists"].append(ValueError("nobody thought of that"))
    assert await boot(machine, after_power_cut=True) == {str(WEB): "ValueError: nobody thought of that"}
    assert machine.running(OTHERS[0])


@pytest.mark.parametrize("trouble", ["manifest", "answers", "unit", "image", "volume", "start", "network state"])
async def test_one_that_cannot_come_up_is_told_and_keeps_nobody_else_down(machine: Machine, trouble: str) -> None:
    machine.offer(OTHERS[0], "image: busybox")
    async with machine.process() as process:
        await process.install(OTHERS[0], {})
    match trouble:
        case "manifest":
            (machine.repositories / "installed/core/web/1.0.yaml").write_text("image: [")
        case "answers":
            (machine.repositories / "responses/core/web/1.0.json").unlink()
        case "image":
            machine.podman.images.discard(IMAGE)
            machine.podman.failures["pull"].append(Foreign("container.image_unknown", IMAGE, "docker.io"))
        case "volume":
            machine.volumes.failures["exists"].append(Internal("unit.failed", "no"))
        case "start":
            machine.systemd.behaviours[WEB.unit] = Behaviour(job="failed")
        case "unit":
            (machine.units / WEB.unit).unlink()
            (machine.units / WEB.unit).mkdir()
        case _:
            (machine.network / WEB.network_state).unlink()
            (machine.network / WEB.network_state).mkdir()
    failures = await boot(machine, after_power_cut=trouble not in {"unit", "network state"})
    assert set(failures) == {str(WEB)}
    assert failures[str(WEB)]
    assert machine.running(OTHERS[0])

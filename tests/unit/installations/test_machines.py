"""Virtual machines are installed like everything else, each with a disk of its own."""

from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import PackageHost, moments, moments_up_to_a_failing_start
from townos.errors import Conflict, NotFound, TownError
from townos.names import PackageId, VmImageName
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

BOX = PackageId.parse("core", "box", "1.0")
NEWER = PackageId.parse("core", "box", "2.0")
OTHER = PackageId.parse("core", "other", "1.0")
URL = "https://images.example/box.qcow2"
DISK = VmImageName.parse("box.raw")
MANIFEST = f"""
description: A small host
vm: {{image: "@from@", memory: "@memory@", cpus: 2}}
network: {{external: {{"@port@": "80"}}}}
questions:
  from: {{query: From where?, default: "{URL}"}}
  memory: {{query: How much memory?, type: bytes, default: 2gb}}
  port: {{query: Which port?, type: port}}
"""

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    for package in (BOX, NEWER, OTHER):
        host.offer(package, MANIFEST)
    host.vm_images.internet[URL] = 1024
    return host


@pytest.mark.conformance("INST-10", "UNIT-05", "PKG-03", "SUB-04")
async def test_the_disk_is_fetched_before_the_unit_runs_it(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(BOX, {"port": "18080"})
        (operation, *_) = await process.operations.history()
    unit = host.unit_texts()[BOX.unit]
    assert "Description=Town OS VM: A small host" in unit
    assert f"file={host.vm_images.location(DISK)},format=raw,if=virtio" in unit
    assert "-m 2048" in unit
    assert "-smp 2" in unit
    assert "hostfwd=tcp::18080-:80" in unit
    assert host.running(BOX)
    assert host.podman.pulls == []
    assert operation.steps[0].name == "vm-image"


async def test_an_image_that_cannot_be_fetched_leaves_nothing(host: PackageHost) -> None:
    host.vm_images.internet.clear()
    async with host.process() as process:
        with pytest.raises(TownError):
            await process.install(BOX, {})
        assert await process.records.installed() == []
    assert not host.unit_texts()


@pytest.mark.conformance("PKG-15")
async def test_a_file_that_is_here_is_used_and_one_that_is_not_is_named(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(NotFound, match=r"mine\.raw"):
            await process.install(BOX, {"from": "mine.raw"})
        host.vm_images.images[VmImageName.parse("mine.raw")] = 5
        await process.install(BOX, {"from": "mine.raw"})
    assert "/mine.raw,format=raw" in host.unit_texts()[BOX.unit]


async def test_two_machines_never_share_a_disk(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(BOX, {})
        with pytest.raises(Conflict, match=r"core/box@1\.0"):
            await process.install(OTHER, {})
        await process.uninstall(BOX)
        await process.install(OTHER, {})


async def test_an_upgrade_takes_over_the_disk(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(BOX, {})
        await process.install(NEWER, {})
        assert await process.records.installed() == [NEWER]
    assert host.running(NEWER)
    assert host.vm_images.fetches == [URL]
    assert host.vm_images.snapshots == {}


def spoil(host: PackageHost) -> None:
    """Let the newer version write to its disk, and fail."""
    host.systemd.behaviours[NEWER.unit] = Behaviour(ends_after_seconds=0.1, exit_status=1)
    host.systemd.on_start[NEWER.unit] = lambda: host.vm_images.images.update({DISK: 666})


async def test_a_version_that_does_not_stay_up_is_rolled_back_with_its_disk(host: PackageHost) -> None:
    spoil(host)
    async with host.process() as process:
        await process.install(BOX, {})
        with pytest.raises(TownError):
            await process.install(NEWER, {})
        assert await process.records.installed() == [BOX]
    assert host.running(BOX)
    assert host.vm_images.images[DISK] == 1024
    assert host.vm_images.snapshots == {}


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments_up_to_a_failing_start(["vm-image", "stop", "snapshot", "move", "start"]))
async def test_the_disk_is_rolled_back_after_a_crash(moment: str, host: PackageHost) -> None:
    spoil(host)
    async with host.process() as process:
        await process.install(BOX, {})
    with dying():
        async with host.process(f"upgrade:{moment}") as process:
            await process.install(NEWER, {})
    async with host.process():
        assert host.vm_images.images[DISK] == 1024
    assert host.running(BOX)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(["vm-image", "volumes", "record", "unit", "start", "finish"]))
async def test_an_interrupted_installation_of_a_machine_is_done_or_rolled_back(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"install:{moment}") as process:
            await process.install(BOX, {})
    async with host.process() as process:
        assert bool(await process.records.installed()) == host.running(BOX)


async def test_a_machine_starts_again_after_a_power_cut(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(BOX, {})
    await host.systemd.stop(BOX.unit)
    (host.units / BOX.unit).unlink()
    host.vm_images.images.clear()
    async with host.process() as process:
        await process.reconciliation.run()
        assert process.start_failures.reasons() == {}
    assert host.running(BOX)
    assert DISK in host.vm_images.images

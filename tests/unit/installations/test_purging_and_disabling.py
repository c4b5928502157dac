"""Deleting a package's data for good, and keeping a package from running."""

from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import ANSWERS, WEB, PackageHost, moments
from townos.errors import Internal, NotFound, TownError
from townos.names import PackageId, PackageName, RepositoryName, VolumeName
from townos.storage.paths import VolumePath
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

DATA, LOGS = (VolumePath.installed(WEB, VolumeName.parse(name)) for name in ("data", "logs"))
KEPT = VolumePath.uninstalled(WEB, VolumeName.parse("data"))
OTHER = PackageId.parse("core", "webmail", "1.0")

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with a package that has data, and data that was kept of its past."""
    host = PackageHost(tmp_path)
    host.offer()
    host.offer(OTHER, "image: nginx\nvolumes: {data: {mountpoint: /data}}")
    async with host.process() as process:
        await process.install()
        await process.uninstall()
        await process.install()
        await process.install(OTHER, {})
    (host.volumes.location(DATA) / "file").write_text("data")
    return host


def is_empty(host: PackageHost) -> bool:
    return not any(host.volumes.location(DATA).iterdir())


async def test_a_purged_package_runs_with_empty_volumes(host: PackageHost) -> None:
    async with host.process() as process:
        await process.installations.purge_volumes(WEB.repository, WEB.name)
        assert await process.records.answers(WEB) == ANSWERS
    assert is_empty(host)
    assert host.running()
    assert {path for path in host.volumes.quotas if path.rest[1] == "web"} == {DATA, LOGS}
    assert VolumePath.installed(OTHER, VolumeName.parse("data")) in host.volumes.quotas


async def test_a_stopped_package_stays_stopped(host: PackageHost) -> None:
    await host.systemd.stop(WEB.unit)
    async with host.process() as process:
        await process.installations.purge_volumes(WEB.repository, WEB.name)
    assert not host.running()


@pytest.mark.slow
@pytest.mark.parametrize("power_cut", [False, True])
@pytest.mark.parametrize("moment", moments(["stop", "volumes", "create", "start"]))
async def test_an_interrupted_purge_is_done_or_rolled_back(moment: str, power_cut: bool, host: PackageHost) -> None:
    with dying():
        async with host.process(f"purge-volumes:{moment}") as process:
            await process.installations.purge_volumes(WEB.repository, WEB.name)
    if power_cut:
        await host.power_cut()
    async with host.process():
        assert host.running()
        assert is_empty(host)
        assert KEPT not in host.volumes.quotas


async def test_a_purge_that_cannot_begin_changes_nothing(host: PackageHost) -> None:
    host.systemd.failures["stop"].append(Internal("unit.failed", "no"))
    async with host.process() as process:
        with pytest.raises(TownError):
            await process.installations.purge_volumes(WEB.repository, WEB.name)
    assert not is_empty(host)
    assert KEPT in host.volumes.quotas
    assert host.running()


@pytest.mark.conformance("INST-21")
async def test_kept_data_can_be_deleted_alone(host: PackageHost) -> None:
    async with host.process() as process:
        kept = await process.installations.kept_volumes(WEB.repository, WEB.name)
        assert (kept.uninstalled_versions, kept.installed_versions) == (["1.0"], ["1.0"])
        await process.installations.purge_kept_volumes(WEB.repository, WEB.name)
        assert not (await process.installations.kept_volumes(WEB.repository, WEB.name)).uninstalled_versions
        await process.installations.purge_kept_volumes(WEB.repository, WEB.name)
    assert not is_empty(host)
    assert KEPT not in host.volumes.quotas


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(["volumes"]))
async def test_an_interrupted_deletion_of_kept_data_is_resumed(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"purge-uninstalled-volumes:{moment}") as process:
            await process.installations.purge_kept_volumes(WEB.repository, WEB.name)
    async with host.process():
        assert KEPT not in host.volumes.quotas
        assert not is_empty(host)


@pytest.mark.conformance("INST-20", "INST-22")
async def test_a_disabled_package_stops_and_stays_down_until_it_is_enabled(host: PackageHost) -> None:
    async with host.process() as process:
        await process.installations.disable(WEB.repository, WEB.name)
        assert not host.running()
        assert (await process.inspection.info(WEB, secrets=True)).disabled
    async with host.process() as process:
        await process.reconciliation.run()
        assert not host.running()
        await process.installations.enable(WEB.repository, WEB.name)
        assert host.running()
        assert not await process.records.disabled(WEB.repository, WEB.name)


async def test_systemd_does_not_start_a_disabled_package_at_boot_either(host: PackageHost) -> None:
    async with host.process() as process:
        await process.control.enable(WEB.unit)
        await process.installations.disable(WEB.repository, WEB.name)
        assert WEB.unit not in host.systemd.enabled


async def test_a_package_that_cannot_be_stopped_stays_as_it_was(host: PackageHost) -> None:
    async with host.process() as process:
        await process.control.enable(WEB.unit)
        host.systemd.failures["stop"].append(Internal("unit.failed", "no"))
        with pytest.raises(TownError):
            await process.installations.disable(WEB.repository, WEB.name)
        assert WEB.unit in host.systemd.enabled
        assert not await process.records.disabled(WEB.repository, WEB.name)
    assert host.running()


async def test_a_package_that_does_not_come_up_stays_disabled(host: PackageHost) -> None:
    host.systemd.behaviours[WEB.unit] = Behaviour(job="failed")
    async with host.process() as process:
        await process.installations.disable(WEB.repository, WEB.name)
        with pytest.raises(TownError):
            await process.installations.enable(WEB.repository, WEB.name)
        assert await process.records.disabled(WEB.repository, WEB.name)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(["mark", "stop"]))
async def test_an_interrupted_disabling_is_resumed(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"disable:{moment}") as process:
            await process.installations.disable(WEB.repository, WEB.name)
    async with host.process() as process:
        assert await process.records.disabled(WEB.repository, WEB.name)
        assert not host.running()


@pytest.mark.slow
@pytest.mark.parametrize("power_cut", [False, True])
@pytest.mark.parametrize("moment", moments(["mark", "start"]))
async def test_an_interrupted_enabling_is_resumed(moment: str, power_cut: bool, host: PackageHost) -> None:
    async with host.process() as process:
        await process.installations.disable(WEB.repository, WEB.name)
    with dying():
        async with host.process(f"enable:{moment}") as process:
            await process.installations.enable(WEB.repository, WEB.name)
    if power_cut:
        await host.power_cut()
    async with host.process() as process:
        assert not await process.records.disabled(WEB.repository, WEB.name)
        assert host.running()


@pytest.mark.parametrize("call", ["disable", "enable", "purge_volumes"])
async def test_a_package_that_is_not_installed_is_not_found(host: PackageHost, call: str) -> None:
    async with host.process() as process:
        with pytest.raises(NotFound):
            await getattr(process.installations, call)(RepositoryName.parse("core"), PackageName.parse("gone"))

"""Data of other versions: taken back, copied, kept, and never overwritten."""

from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import (
    ANSWERS,
    INSTALL_STEPS,
    MANIFEST,
    WEB,
    PackageHost,
    moments,
    moments_up_to_a_failing_start,
)
from townos.errors import Internal, Invalid, TownError
from townos.installations.planning.requests import DataReuse
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

GIBIBYTE = 1024**3
NEWER = PackageId.parse("core", "web", "1.1")
NEWEST = PackageId.parse("core", "web", "1.10")
DATA, LOGS = VolumeName.parse("data"), VolumeName.parse("logs")
REUSE = DataReuse(reuse_volumes=True)

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host where a package was uninstalled, and its data kept."""
    host = PackageHost(tmp_path)
    for package in (WEB, NEWER, NEWEST):
        host.offer(package)
    async with host.process() as process:
        await process.install()
        write(host, VolumePath.installed(WEB, DATA), "precious")
        await process.uninstall()
    return host


def write(host: PackageHost, path: VolumePath, text: str) -> None:
    (host.volumes.location(path) / "file").write_text(text)


def read(host: PackageHost, path: VolumePath) -> str:
    return (host.volumes.location(path) / "file").read_text()


@pytest.mark.conformance("INST-11")
async def test_kept_volumes_are_taken_back_into_the_new_version_with_the_last_answers(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {"size": "3gb"}, data_reuse=REUSE)
        assert await process.records.answers(NEWER) == ANSWERS | {"size": "3gb"}
    assert read(host, VolumePath.installed(NEWER, DATA)) == "precious"
    assert set(host.volumes.quotas) == {VolumePath.installed(NEWER, name) for name in (DATA, LOGS)}
    assert host.volumes.quotas[VolumePath.installed(NEWER, DATA)] == 3 * GIBIBYTE


@pytest.mark.conformance("INST-13")
async def test_the_last_answers_are_not_used_if_they_are_declined(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {}, data_reuse=REUSE, skip_response_reuse=True)
        assert (await process.records.answers(NEWER))["greeting"] == "hello"
    assert read(host, VolumePath.installed(NEWER, DATA)) == "precious"


async def test_kept_data_is_not_used_unless_requested(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, ANSWERS)
    assert list(host.volumes.location(VolumePath.installed(WEB, DATA)).iterdir()) == []
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"


async def test_each_volume_comes_from_the_highest_version_that_has_it(host: PackageHost) -> None:
    host.offer(NEWER, MANIFEST.replace("  logs: {mountpoint: /logs}", ""))
    async with host.process() as process:
        await process.install(NEWER)
        write(host, VolumePath.installed(NEWER, DATA), "newer")
        await process.uninstall(NEWER)
        write(host, VolumePath.uninstalled(WEB, LOGS), "logs of 1.0")
        await process.install(NEWEST, {}, data_reuse=REUSE)
    assert read(host, VolumePath.installed(NEWEST, DATA)) == "newer"
    assert read(host, VolumePath.installed(NEWEST, LOGS)) == "logs of 1.0"
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"


async def test_a_failed_installation_leaves_kept_volumes_unchanged(host: PackageHost) -> None:
    host.systemd.behaviours[NEWER.unit] = Behaviour(job="failed")
    host.systemd.on_start[NEWER.unit] = lambda: write(host, VolumePath.installed(NEWER, DATA), "spoiled")
    before = dict(host.volumes.quotas)
    async with host.process() as process:
        with pytest.raises(TownError):
            await process.install(NEWER, {"size": "5gb"}, data_reuse=REUSE)
    assert host.volumes.quotas == before
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(INSTALL_STEPS))
async def test_kept_volumes_are_in_use_or_kept_after_a_crash(moment: str, host: PackageHost) -> None:
    await crash_and_check(host, moment)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments_up_to_a_failing_start(INSTALL_STEPS))
async def test_kept_volumes_survive_a_crash_of_an_application_that_spoils_them(moment: str, host: PackageHost) -> None:
    host.systemd.behaviours[NEWER.unit] = Behaviour(job="failed")
    host.systemd.on_start[NEWER.unit] = lambda: write(host, VolumePath.installed(NEWER, DATA), "spoiled")
    await crash_and_check(host, moment)


async def crash_and_check(host: PackageHost, moment: str) -> None:
    with dying():
        async with host.process(f"install:{moment}") as process:
            await process.install(NEWER, {}, data_reuse=REUSE)
    async with host.process() as process:
        installed = await process.records.installed()
    place = VolumePath.installed(NEWER, DATA) if installed else VolumePath.uninstalled(WEB, DATA)
    assert read(host, place) == "precious"
    assert len(host.volumes.quotas) == 2


@pytest.mark.conformance("INST-12")
@pytest.mark.parametrize("is_installed", [True, False])
async def test_data_of_another_version_is_copied_and_stays_there(host: PackageHost, *, is_installed: bool) -> None:
    async with host.process() as process:
        if is_installed:
            await process.install(NEWER)
        await process.install(NEWEST, ANSWERS, data_reuse=DataReuse(import_from_version="1.0"))
    assert read(host, VolumePath.installed(NEWEST, DATA)) == "precious"
    write(host, VolumePath.installed(NEWEST, DATA), "changed")
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"
    kept = {path for path in host.volumes.quotas if path.area == "uninstalled" and path.rest[2] == "1.1"}
    assert len(kept) == (2 if is_installed else 0)


async def test_importing_from_the_installed_version_keeps_a_copy_of_it(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER)
        write(host, VolumePath.installed(NEWER, DATA), "newer")
        await process.install(NEWEST, {}, data_reuse=DataReuse(import_from_version="1.1"))
    assert read(host, VolumePath.installed(NEWEST, DATA)) == "newer"
    assert read(host, VolumePath.uninstalled(NEWER, DATA)) == "newer"


@pytest.mark.parametrize(
    ("package", "data_reuse", "said"),
    [
        (NEWEST, DataReuse(import_from_version="7"), "no data"),
        (NEWEST, DataReuse(reuse_volumes=True, import_from_version="1.0"), "choose one"),
        (NEWER, DataReuse(import_from_version="1.0"), "already has data"),
    ],
)
async def test_an_import_that_makes_no_sense_is_refused_and_named(
    host: PackageHost, package: PackageId, data_reuse: DataReuse, said: str
) -> None:
    async with host.process() as process:
        await process.install(NEWER)
        before = dict(host.volumes.quotas)
        with pytest.raises(Invalid, match=said) as error:
            await process.install(package, ANSWERS, data_reuse=data_reuse)
    assert [field.name for field in error.value.fields] == ["import_from_version"]
    assert host.volumes.quotas == before


async def test_an_import_never_takes_the_place_of_data_that_nobody_owns(host: PackageHost) -> None:
    stray = VolumePath.installed(NEWEST, DATA)
    host.volumes.add(stray)
    write(host, stray, "stray")
    async with host.process() as process:
        await process.install(NEWER)
        with pytest.raises(Invalid, match="already has data"):
            await process.install(NEWEST, {}, data_reuse=DataReuse(import_from_version="1.1"))
    assert read(host, stray) == "stray"


@pytest.mark.conformance("INST-15")
async def test_a_second_data_set_makes_the_older_one_its_snapshot(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, ANSWERS)
        write(host, VolumePath.installed(WEB, DATA), "newer")
        host.clock.advance(60)
        await process.uninstall()
        assert read(host, VolumePath.uninstalled(WEB, DATA)) == "newer"
        snapshots = await host.volumes.snapshots(VolumePath.uninstalled(WEB, DATA))
        await host.volumes.restore(VolumePath.uninstalled(WEB, DATA), snapshots[1].id, 0)
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"


async def test_an_older_data_set_outlives_the_least_number_of_snapshots(host: PackageHost) -> None:
    async with host.process() as process:
        await process.settings.set("snapshots_kept", "1")
        await process.install(WEB, ANSWERS)
        host.clock.advance(60)
        await process.uninstall()
        kept = [one.id for one in await host.volumes.snapshots(VolumePath.uninstalled(WEB, DATA))]
        assert [identifier.reason for identifier in kept] == ["uninstall", "uninstall"]
        await host.volumes.restore(VolumePath.uninstalled(WEB, DATA), kept[1], 0)
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "precious"


async def test_snapshots_go_back_and_forth_with_their_volume_and_are_not_copied(host: PackageHost) -> None:
    kept, taken_back = VolumePath.uninstalled(WEB, DATA), VolumePath.installed(NEWER, DATA)
    before = [one.id for one in await host.volumes.snapshots(kept)]
    assert [identifier.reason for identifier in before] == ["uninstall"]
    async with host.process() as process:
        await process.install(NEWEST, ANSWERS, data_reuse=DataReuse(import_from_version="1.0"))
        assert not await host.volumes.snapshots(VolumePath.installed(NEWEST, DATA))
        assert [one.id for one in await host.volumes.snapshots(kept)] == before
        await process.uninstall(NEWEST, purge=True)
        await process.install(NEWER, ANSWERS, data_reuse=REUSE)
    assert [one.id for one in await host.volumes.snapshots(taken_back)] == before
    assert not await host.volumes.snapshots(kept)


async def test_a_failure_to_keep_data_is_made_good_at_the_next_start(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(WEB, ANSWERS)
        write(host, VolumePath.installed(WEB, DATA), "newer")
        host.clock.advance(60)
        host.volumes.failures["rename"].append(Internal("unit.failed", "no"))
        with pytest.raises(TownError):
            await process.uninstall()
    async with host.process() as process:
        assert await process.records.installed() == []
    assert read(host, VolumePath.uninstalled(WEB, DATA)) == "newer"

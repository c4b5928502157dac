"""Installing and uninstalling: done, or nothing is left, whatever fails and whenever the process dies."""

import stat
from functools import partial
from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import (
    ANSWERS,
    IMAGE,
    INSTALL_STEPS,
    MANIFEST,
    PURGE_STEPS,
    REPLACE_STEPS,
    UNINSTALL_STEPS,
    WEB,
    PackageHost,
    moments,
)
from townos.errors import Foreign, Internal, Invalid, NoSpace, NotFound, TownError
from townos.installations.subjects import subject_of
from townos.names import PackageId, VolumeName
from townos.network.files import NetworkStateFiles
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.systemd.unitfile import Exec, entries, parse
from townos.testing.operations import dying
from townos.testing.systemd import EXITS_CLEANLY, FINE, Behaviour

GIBIBYTE = 1024**3
DATA, LOGS = (VolumePath.installed(WEB, VolumeName.parse(name)) for name in ("data", "logs"))
KEPT_DATA = VolumePath.uninstalled(WEB, VolumeName.parse("data"))
DIES = Behaviour(ends_after_seconds=0.3, exit_status=1, restart_seconds=0.1)
NEW_ANSWERS = ANSWERS | {"greeting": "good day", "port": "8082"}
LAST = {"repos/responses", "repos/responses/last", "repos/responses/last/core", "repos/responses/last/core/web.json"}
DIRECTORIES = {"repos/installed", "repos/responses"}

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    host.offer()
    return host


def unit(host: PackageHost) -> str:
    return host.unit_texts()[WEB.unit]


@pytest.mark.conformance("INST-02", "INST-03", "INST-04", "INST-07", "INST-08", "RSP-01", "RSP-02")
async def test_an_installed_package_runs_and_is_recorded(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        assert await process.records.installed() == [WEB]
        assert await process.records.answers(WEB) == ANSWERS
        assert await process.records.last_answers(WEB.repository, WEB.name) == {}
        assert '"external_port": 8081' in await NetworkStateFiles(host.network).read(WEB)
    link = host.repositories / "installed/core/web/1.0.yaml"
    assert link.samefile(host.repositories / "core/packages/web/1.0.yaml")
    assert host.volumes.quotas == {DATA: 2 * GIBIBYTE, LOGS: host.volumes.quotas[LOGS]}
    assert host.volumes.quotas[LOGS] > 0
    assert host.running()
    assert host.podman.pulls == [IMAGE]
    assert stat.S_IMODE((host.units / WEB.unit).stat().st_mode) == 0o644


@pytest.mark.conformance("RSP-03")
async def test_a_new_manifest_does_not_uncover_earlier_secrets(host: PackageHost) -> None:
    """Whoever writes the repository says which questions are secret, and may be the one who is curious."""
    async with host.process() as process:
        await process.install()
        await process.uninstall()
        host.offer(PackageId.parse("core", "web", "9"), MANIFEST.replace("type: secret", "type: ''"))
        last_answers = partial(process.inspection.last_answers, WEB.repository, WEB.name)
        assert await last_answers(secrets=True) == ANSWERS
        assert await last_answers(secrets=False) == dict.fromkeys(ANSWERS, "********")


async def test_secrets_of_an_installed_package_come_from_its_installed_manifest(
    host: PackageHost,
) -> None:
    async with host.process() as process:
        await process.install()
        host.offer(WEB, MANIFEST.replace("type: secret", "type: ''"))
        info = await process.inspection.info(WEB, secrets=False)
        assert info.answers == await process.inspection.answers(WEB, secrets=False)
        assert info.answers == ANSWERS | {"password": "********"}
        assert info.notes["login"] == "admin / ********"


@pytest.mark.conformance("INST-07")
async def test_an_application_that_keeps_failing_is_not_installed_and_its_log_is_shown(host: PackageHost) -> None:
    host.start_watch_seconds = "1"
    host.systemd.behaviours[WEB.unit] = DIES
    host.journal.write("cannot open /data/db", WEB.unit)
    async with host.process() as process:
        with pytest.raises(TownError, match="cannot open /data/db"):
            await process.install()
    assert host.left() <= LAST | DIRECTORIES


async def test_a_program_that_ends_well_is_installed(host: PackageHost) -> None:
    host.systemd.behaviours[WEB.unit] = EXITS_CLEANLY
    async with host.process() as process:
        await process.install()
        assert await process.inspection.installed() == [WEB]


@pytest.mark.parametrize(
    ("part", "call", "times"),
    [
        ("podman", "pull", 1),
        ("volumes", "create", 1),
        ("volumes", "set_quota", 1),
        ("systemd", "reload", 1),
        ("systemd", "start", 1),
        ("systemd", "status", 1),
    ],
)
@pytest.mark.conformance("INST-07", "INST-09", "RSP-01")
async def test_a_failure_at_any_step_leaves_nothing_but_the_answers(
    part: str, call: str, times: int, host: PackageHost
) -> None:
    host.volumes.clear()
    getattr(host, part).failures[call].extend([Internal("unit.failed", "no")] * times)
    async with host.process() as process:
        if call == "set_quota":
            host.volumes.add(DATA)  # left by a crash: `ensure` changes its quota
        with pytest.raises(TownError):
            await process.install()
        host.volumes.clear(DATA)
        assert host.left() <= LAST | DIRECTORIES
        host.volumes.clear()
        await process.install()
        assert host.running()


async def test_a_full_disk_is_told_as_such(host: PackageHost) -> None:
    host.volumes.failures["create"].append(NoSpace("storage.no_space"))
    async with host.process() as process:
        with pytest.raises(NoSpace):
            await process.install()
    assert host.left() == set()


async def test_an_unknown_image_is_told_and_leaves_nothing(host: PackageHost) -> None:
    host.podman.registry.clear()
    async with host.process() as process:
        with pytest.raises(Foreign, match="was not found"):
            await process.install()
    assert host.left() == set()


@pytest.mark.conformance("INST-09")
async def test_a_manifest_that_changes_meanwhile_is_not_installed(host: PackageHost) -> None:
    async with host.process() as process:
        plan = await process.plan()
        host.offer(text="image: other")
        with pytest.raises(Invalid, match="changed"):
            await process.operations.run("install", subject_of(WEB), plan)
    assert host.left() <= LAST | DIRECTORIES


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", INSTALL_STEPS)
async def test_an_interrupted_installation_is_done_or_rolled_back(step: str, moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"install:{step}:{moment}") as process:
            await process.install()
    async with host.process() as process:
        if await process.inspection.installed():
            assert host.running()
            assert WEB.unit in host.unit_texts()
            assert set(host.volumes.quotas) == {DATA, LOGS}
            await process.uninstall(purge=True)
        assert host.left() <= LAST | DIRECTORIES


@pytest.mark.conformance("INST-03", "RSP-02")
async def test_a_reconfiguration_changes_the_answers_and_restarts(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.install(answers=NEW_ANSWERS)
        assert await process.records.answers(WEB) == NEW_ANSWERS
    assert "GREETING=good day" in unit(host)
    assert host.running()
    assert host.systemd.changes_of(WEB.unit)[-3:] == ["stop", "reset_failed", "start"]


@pytest.mark.parametrize("old_runs", [True, False])
async def test_a_failed_reconfiguration_is_rolled_back(host: PackageHost, *, old_runs: bool) -> None:
    async with host.process() as process:
        await process.install()
        before = (unit(host), host.left(), await NetworkStateFiles(host.network).read(WEB), dict(host.volumes.quotas))
        if not old_runs:
            await host.systemd.stop(WEB.unit)
        host.systemd.failures["start"].append(Internal("unit.failed", "no"))
        with pytest.raises(TownError):
            await process.install(answers=NEW_ANSWERS | {"size": "3gb"})
        assert host.running() is old_runs
        await host.systemd.start(WEB.unit)
        assert await process.records.answers(WEB) == ANSWERS
        after = (
            unit(host),
            host.left() - LAST,
            await NetworkStateFiles(host.network).read(WEB),
            dict(host.volumes.quotas),
        )
        assert after == (before[0], before[1] - LAST, *before[2:])


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", REPLACE_STEPS)
async def test_an_interrupted_reconfiguration_is_done_or_rolled_back(step: str, moment: str, host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        old = unit(host)
    with dying():
        async with host.process(f"install:{step}:{moment}") as process:
            await process.install(answers=NEW_ANSWERS)
    async with host.process() as process:
        answers = await process.records.answers(WEB)
        assert answers in (ANSWERS, NEW_ANSWERS)
        assert (unit(host) == old) is (answers == ANSWERS)
    assert host.running()


@pytest.mark.conformance("INST-14", "INST-15", "RSP-01")
async def test_uninstalling_keeps_the_volumes_and_the_answers(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.uninstall()
        assert await process.inspection.installed() == []
        assert await process.records.last_answers(WEB.repository, WEB.name) == ANSWERS
    assert {path.parts for path in host.volumes.quotas} == {
        ("uninstalled", "core", "web", "1.0", name) for name in ("data", "logs")
    }
    assert {name for name in host.left() if not name.startswith("uninstalled")} <= LAST | DIRECTORIES


@pytest.mark.conformance("INST-16")
async def test_purging_deletes_the_volumes(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.uninstall(purge=True)
    assert host.left() <= LAST | DIRECTORIES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "purge"),
    [(moment, False) for moment in moments(UNINSTALL_STEPS)] + [(moment, True) for moment in moments(PURGE_STEPS)],
)
async def test_an_interrupted_uninstallation_is_done_or_rolled_back(
    moment: str, host: PackageHost, *, purge: bool
) -> None:
    async with host.process() as process:
        await process.install()
        await process.control.enable(WEB.unit)
        whole = host.left()
    with dying():
        async with host.process(f"uninstall:{moment}") as process:
            await process.uninstall(purge=purge)
    async with host.process() as process:
        if await process.inspection.installed():
            assert host.left() == whole
            return
    assert not host.unit_texts()
    assert not host.running()
    assert not host.systemd.enabled
    assert {path.area.value for path in host.volumes.quotas} == (set() if purge else {"uninstalled"})


async def test_an_uninstallation_that_fails_early_leaves_the_package_running(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.control.enable(WEB.unit)
        whole = host.left()
        host.systemd.failures["reload"].append(Internal("unit.failed", "no"))
        with pytest.raises(TownError):
            await process.uninstall()
    assert host.left() == whole


async def test_an_uninstallation_that_is_undone_leaves_no_snapshot(host: PackageHost) -> None:
    host.offer()
    async with host.process() as process:
        await process.install()
        data, logs = (VolumePath.installed(WEB, VolumeName.parse(name)) for name in ("data", "logs"))
        in_the_way = host.volumes.snapshot_location(logs, SnapshotId.parse("20261124T184500.000000Z-user")).parent
        in_the_way.parent.mkdir(parents=True)
        in_the_way.touch()
        with pytest.raises(Invalid, match="snapshot failed"):
            await process.uninstall()
        assert host.running()
        assert not await host.volumes.snapshots(data)


async def test_a_full_disk_does_not_keep_anybody_from_uninstalling(host: PackageHost) -> None:
    host.offer()
    async with host.process() as process:
        await process.install()
        host.volumes.failures["snapshot"] += [NoSpace("storage.full", 0, 1)]
        await process.uninstall()
        (operation, *_) = await process.operations.history()
        (warning,) = (warning for step in operation.steps for warning in step.messages)
        assert str(warning).startswith("the volume data is kept, but without a snapshot: no space left on the disk")
        assert not await host.volumes.snapshots(KEPT_DATA)
        assert len(await host.volumes.snapshots(VolumePath.uninstalled(WEB, VolumeName.parse("logs")))) == 1


@pytest.mark.conformance("INST-14")
async def test_uninstalling_stops_and_disables_a_unit_before_its_file_goes(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.control.enable(WEB.unit)
        host.systemd.calls.clear()
        await process.uninstall()
    calls = [call for call, *names in host.systemd.calls if names in ([], [WEB.unit])]
    assert calls == ["stop", "reset_failed", "disable", "reload"]
    assert not host.systemd.enabled


@pytest.mark.conformance("INST-14")
async def test_a_package_that_is_not_installed_cannot_be_uninstalled(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(NotFound):
            await process.uninstall()
    assert host.left() == set()


@pytest.mark.conformance("UNIT-04", "HOLE-01")
async def test_an_answer_is_a_word_of_the_command_and_nothing_else(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(answers=ANSWERS | {"greeting": "%n $HOME ${X} ; \"' \\ #"})
    (command,) = entries(parse(unit(host)), "ExecStart")
    assert isinstance(command, Exec)
    assert "GREETING=%n $HOME ${X} ; \"' \\ #" in command.argv


async def test_a_disabled_package_is_installed_without_a_start(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await host.systemd.stop(WEB.unit)
        (host.repositories / "installed/core/web/disabled").touch()
        host.systemd.behaviours[WEB.unit] = FINE
        await process.install(answers=NEW_ANSWERS)
    assert not host.running()

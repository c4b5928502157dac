"""Empty volumes are filled, whole or not at all; what fails is told and stops nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import IMAGE, OTHER_IMAGE, PackageHost, moments
from townos.errors import Foreign, Internal, Invalid, NoSpace
from townos.git.errors import GitFailed
from townos.limits import SEEDING_TIMEOUT_SECONDS
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.storage.volumes import DiskUsage
from townos.testing.clock import FakeClock
from townos.testing.operations import dying
from townos.testing.systemd import Behaviour

SITE = PackageId.parse("core", "site", "1.0")
CODE = VolumePath.installed(SITE, VolumeName.parse("code"))
SOURCE = "https://git.example/site"
PRIVATE = SOURCE.replace("://", "://town:secret@")
MANIFEST = f"""
image: nginx
volumes:
  pages: {{mountpoint: /pages}}
  code: {{mountpoint: /code, git: "@source@"}}
  files: {{mountpoint: /files, archive: "@file@"}}
  plain: {{mountpoint: /plain}}
archives: [{{image: busybox, directory: /usr/share/pages, volume: pages}}]
questions:
  source: {{query: From where?, default: "{PRIVATE}"}}
  file: {{query: Which file?, type: archive, default: start.tar.gz}}
"""

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    host.offer(SITE, MANIFEST)
    host.podman.trees[OTHER_IMAGE] = {"/usr/share/pages": {"index.html": b"<h1>"}}
    host.git.remotes[SOURCE] = {"README": b"hello"}
    host.archives.files["start.tar.gz"] = {"photo": b"..."}
    return host


def place(host: PackageHost, name: str) -> Path:
    return host.volumes.location(VolumePath.installed(SITE, VolumeName.parse(name)))


def all_filled(host: PackageHost) -> bool:
    files = ("pages/index.html", "code/README", "files/photo")
    return all((place(host, name.partition("/")[0]) / name.partition("/")[2]).is_file() for name in files)


@pytest.mark.conformance("INST-05", "ARC-06", "ARC-07", "PKG-12", "SUB-03")
async def test_new_volumes_are_filled_before_the_start(host: PackageHost) -> None:
    seen = []
    host.systemd.on_start[SITE.unit] = lambda: seen.append(all_filled(host))
    async with host.process() as process:
        await process.install(SITE, {})
    assert seen == [True]
    assert list(place(host, "plain").iterdir()) == []
    assert host.podman.pulls == [IMAGE, OTHER_IMAGE]
    (clone,) = host.git.calls_of("clone_into")
    assert (clone.args[0].password, clone.args[0].own_keys) == ("secret", False)


async def test_a_failing_seed_is_reported_without_secrets_and_stops_nothing(host: PackageHost) -> None:
    host.git.errors["clone_into"] = GitFailed("git.timeout", "clone", "git.example", 300)
    async with host.process() as process:
        await process.install(SITE, {})
        (operation, *_) = await process.operations.history()
    (seed,) = [step for step in operation.steps if step.name == "seed"]
    (warning,) = map(str, seed.messages)
    assert warning.startswith("code: ")
    assert "secret" not in warning
    assert host.running(SITE)
    assert list(place(host, "code").iterdir()) == []


async def never_ending(_: object) -> None:
    await trio.sleep_forever()


async def test_servers_that_never_end_do_not_hold_an_installation_up(
    host: PackageHost, autojump_clock: MockClock
) -> None:
    host.git.results["clone_into"] = never_ending
    async with host.process() as process:
        await process.install(SITE, {})
        (operation, *_) = await process.operations.history()
    (seed,) = [step for step in operation.steps if step.name == "seed"]
    assert [str(warning) for warning in seed.messages] == [
        "the volumes could not be filled within 60 minutes; empty ones stay empty"
    ]
    assert host.running(SITE)


async def test_servers_that_never_end_do_not_hold_a_purge_up_which_nobody_can_cancel(
    host: PackageHost, autojump_clock: MockClock
) -> None:
    async with host.process() as process:
        await process.install(SITE, {})
        host.git.results["clone_into"] = never_ending
        await process.installations.purge_volumes(SITE.repository, SITE.name)
    assert (place(host, "pages") / "index.html").exists()
    assert list(place(host, "code").iterdir()) == []
    assert host.running(SITE)


async def test_servers_that_never_end_do_not_hold_a_boot_up(host: PackageHost, autojump_clock: MockClock) -> None:
    host.git.results["clone_into"] = never_ending
    async with host.process() as process:
        await process.install(SITE, {})
    await host.systemd.stop(SITE.unit)
    async with host.process() as process:
        before = trio.current_time()
        await process.reconciliation.run()
        assert trio.current_time() - before < SEEDING_TIMEOUT_SECONDS
        assert "5 minutes" in str(process.start_failures.reasons()[str(SITE)])
    assert host.running(SITE)


async def test_data_is_never_touched(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(SITE, {})
        (place(host, "code") / "README").write_text("mine")
        (place(host, "pages") / "index.html").unlink()
        (place(host, "pages") / "mine").touch()
        await process.install(SITE, {"file": "other.tar"})
        await process.reconciliation.run()
    assert (place(host, "code") / "README").read_text() == "mine"
    assert not (place(host, "pages") / "index.html").exists()
    assert (place(host, "files") / "photo").exists()


async def test_a_volume_that_is_empty_at_boot_is_filled(host: PackageHost) -> None:
    host.git.errors["clone_into"] = GitFailed("git.timeout", "clone", "git.example", 300)
    async with host.process() as process:
        await process.install(SITE, {})
    await host.systemd.stop(SITE.unit)
    del host.git.errors["clone_into"]
    async with host.process() as process:
        await process.reconciliation.run()
        assert process.start_failures.reasons() == {}
    assert all_filled(host)
    assert host.running(SITE)


async def test_a_failing_seed_at_boot_is_reported_and_blocks_nothing(host: PackageHost) -> None:
    host.git.errors["clone_into"] = GitFailed("git.timeout", "clone", "git.example", 300)
    async with host.process() as process:
        await process.install(SITE, {})
    await host.systemd.stop(SITE.unit)
    async with host.process() as process:
        await process.reconciliation.run()
        assert set(process.start_failures.reasons()) == {str(SITE)}
    assert host.running(SITE)


async def test_a_running_program_keeps_its_empty_volume(host: PackageHost) -> None:
    host.git.errors["clone_into"] = GitFailed("git.timeout", "clone", "git.example", 300)
    async with host.process() as process:
        await process.install(SITE, {})
        del host.git.errors["clone_into"]
        await process.reconciliation.run()
    assert list(place(host, "code").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(["pull", "volumes", "seed", "record", "start"]))
async def test_an_interrupted_seeding_is_done_or_rolled_back(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"install:{moment}") as process:
            await process.install(SITE, {})
    async with host.process() as process:
        assert bool(await process.records.installed()) == all_filled(host)


async def test_an_archive_answer_that_is_a_path_is_refused(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(Invalid):
            await process.install(SITE, {"file": "../../etc/shadow.tar"})
    assert host.volumes.quotas == {}


class TestRebuilding:
    """Bringing the git volumes up to date."""

    @pytest.fixture
    async def filled(self, host: PackageHost) -> PackageHost:
        async with host.process() as process:
            await process.install(SITE, {})
        (place(host, "code") / "local").write_text("mine")
        host.git.results["update"] = lambda call: (call.args[0] / "README").write_text("hello again")
        return host

    @pytest.mark.conformance("ARC-08", "GIT-20")
    async def test_an_update_brings_pushed_files_and_restarts_the_application(self, filled: PackageHost) -> None:
        async with filled.process() as process:
            await process.installations.rebuild_git(SITE)
        assert (place(filled, "code") / "README").read_text() == "hello again"
        assert (place(filled, "code") / "local").read_text() == "mine"
        assert filled.systemd.changes_of(SITE.unit)[-3:] == ["stop", "reset_failed", "start"]
        (update,) = filled.git.calls_of("update")
        assert update.args[1].password == "secret"

    async def test_an_update_on_a_full_disk_is_refused_before_anything_stops(self, filled: PackageHost) -> None:
        filled.volumes.disk = DiskUsage(total=1000, used=950, available=50)
        before = filled.systemd.changes_of(SITE.unit)
        async with filled.process() as process:
            with pytest.raises(NoSpace, match="950 bytes of 1000 bytes are used"):
                await process.installations.rebuild_git(SITE)
        assert filled.systemd.changes_of(SITE.unit) == before

    async def test_a_failure_puts_the_volume_back(self, filled: PackageHost) -> None:
        def half(_: object) -> None:
            (place(filled, "code") / "README").write_text("half")
            raise GitFailed("git.timeout", "fetch", "git.example", 120)

        filled.git.results["update"] = half
        async with filled.process() as process:
            with pytest.raises(Foreign):
                await process.installations.rebuild_git(SITE)
        assert (place(filled, "code") / "README").read_text() == "hello"
        assert filled.running(SITE)

    async def test_a_failure_puts_the_volume_back_though_the_clock_was_set_back(self, filled: PackageHost) -> None:
        async with filled.process() as process:
            await process.settings.set("snapshots_kept", "1")
            await process.installations.rebuild_git(SITE)
        filled.clock = FakeClock(filled.clock.now() - timedelta(days=1))
        filled.git.results["update"] = lambda call: (call.args[0] / "README").unlink()
        filled.systemd.behaviours[SITE.unit] = Behaviour(job="failed")
        async with filled.process() as process:
            with pytest.raises(Invalid):
                await process.installations.rebuild_git(SITE)
        assert (place(filled, "code") / "README").read_text() == "hello again"

    async def test_a_stopped_application_is_not_started(self, filled: PackageHost) -> None:
        await filled.systemd.stop(SITE.unit)
        async with filled.process() as process:
            await process.installations.rebuild_git(SITE)
        assert not filled.running(SITE)

    async def test_a_package_without_git_is_told(self, filled: PackageHost) -> None:
        plain = PackageId.parse("core", "plain", "1")
        filled.offer(plain, "image: nginx")
        async with filled.process() as process:
            await process.install(plain, {})
            with pytest.raises(Invalid, match="git repository"):
                await process.installations.rebuild_git(plain)

    async def test_old_snapshots_go_only_when_all_has_gone_well(self, filled: PackageHost) -> None:
        async with filled.process() as process:
            await process.settings.set("snapshots_kept", "1")
            await process.installations.rebuild_git(SITE)
            (first,) = await filled.volumes.snapshots(CODE)
            filled.clock.advance(1)
            filled.git.errors["update"] = GitFailed("git.timeout", "fetch", "git.example", 120)
            with pytest.raises(Foreign):
                await process.installations.rebuild_git(SITE)
            assert first.id in [snapshot.id for snapshot in await filled.volumes.snapshots(CODE)]
            filled.clock.advance(1)
            del filled.git.errors["update"]
            await process.installations.rebuild_git(SITE)
            (last,) = await filled.volumes.snapshots(CODE)
            assert last.id != first.id

    async def test_the_program_waits_until_its_files_are_back(self, filled: PackageHost) -> None:
        filled.git.errors["update"] = GitFailed("git.timeout", "fetch", "git.example", 120)
        filled.volumes.failures["restore"] = [Internal("unit.failed", "the disk is full")]
        async with filled.process() as process:
            with pytest.raises(Invalid, match="the disk is full"):
                await process.installations.rebuild_git(SITE)
            assert not filled.running(SITE)
        async with filled.process():
            assert filled.running(SITE)

    @pytest.mark.slow
    @pytest.mark.parametrize("power_cut", [False, True])
    @pytest.mark.parametrize("moment", moments(["stop", "snapshot", "fetch", "start", "finish"]))
    async def test_an_interrupted_update_is_resumed(self, filled: PackageHost, moment: str, power_cut: bool) -> None:
        with dying():
            async with filled.process(f"rebuild-git:{moment}") as process:
                await process.installations.rebuild_git(SITE)
        if power_cut:
            await filled.power_cut()
        async with filled.process() as process:
            await process.reconciliation.run()
            assert filled.running(SITE)
        assert (place(filled, "code") / "README").read_text() == "hello again"
        assert (place(filled, "code") / "local").read_text() == "mine"

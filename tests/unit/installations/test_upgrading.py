"""Another version takes over with the data, or the old one runs again with its own, whatever the new one did to it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import (
    ANSWERS,
    MANIFEST,
    REPLACE_STEPS,
    WEB,
    PackageHost,
    Process,
    moments,
    moments_up_to_a_failing_start,
)
from townos.errors import Internal, Invalid, TownError
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.testing.operations import dying
from townos.testing.systemd import EXITS_CLEANLY, Behaviour

NEWER = PackageId.parse("core", "web", "1.1")
NEWER_MANIFEST = MANIFEST.replace("A web server", "A better web server").replace(
    "  logs: {mountpoint: /logs}", "  cache: {mountpoint: /cache}"
)
DIES = Behaviour(ends_after_seconds=0.3, exit_status=1, restart_seconds=0.1)

pytestmark = pytest.mark.usefixtures("autojump_clock")


def volume(package: PackageId, name: str) -> VolumePath:
    return VolumePath.installed(package, VolumeName.parse(name))


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with a running package that has written into its volumes, and a newer version on offer."""
    host = PackageHost(tmp_path)
    host.offer()
    host.offer(NEWER, NEWER_MANIFEST)
    async with host.process() as process:
        await process.install()
    for name in ("data", "logs"):
        file(host, WEB, name).write_text(f"old {name}")
    return host


def file(host: PackageHost, package: PackageId, name: str) -> Path:
    return host.volumes.location(volume(package, name)) / "file"


def corrupting(host: PackageHost, behaviour: Behaviour) -> Callable[[], None]:
    """Return what the new version does when it starts: it spoils its data, and then behaves like that."""

    def start() -> None:
        for place in host.volumes.location(volume(NEWER, "data")), host.volumes.location(volume(WEB, "data")):
            if place.is_dir():
                (place / "file").write_text("spoiled")

    host.systemd.behaviours[NEWER.unit] = behaviour
    host.systemd.on_start[NEWER.unit] = start
    return start


async def is_new(host: PackageHost, process: Process) -> None:
    """Check that the new version is installed, whole, and that nothing of the old one is left."""
    assert await process.records.installed() == [NEWER]
    assert set(host.unit_texts()) == {NEWER.unit}
    assert host.running(NEWER)
    assert not host.running(WEB)
    assert file(host, NEWER, "data").read_text() == "old data"
    assert set(host.volumes.quotas) == {
        volume(NEWER, "data"),
        volume(NEWER, "cache"),
        VolumePath.uninstalled(WEB, VolumeName.parse("logs")),
    }
    assert (host.network / NEWER.network_state).is_file()
    assert not (host.network / WEB.network_state).exists()


async def is_old(host: PackageHost, process: Process) -> None:
    """Check that the old version is installed, whole and with its data, and that nothing of the new one is left."""
    assert await process.records.installed() == [WEB]
    assert await process.records.answers(WEB) == ANSWERS
    assert set(host.unit_texts()) == {WEB.unit}
    assert "A web server" in host.unit_texts()[WEB.unit]
    assert host.running(WEB)
    assert not host.running(NEWER)
    assert set(host.volumes.quotas) == {volume(WEB, "data"), volume(WEB, "logs")}
    assert [file(host, WEB, name).read_text() for name in ("data", "logs")] == ["old data", "old logs"]
    assert (host.network / WEB.network_state).is_file()
    assert not (host.network / NEWER.network_state).exists()


@pytest.mark.conformance("UPG-05")
async def test_a_new_version_takes_over_the_data_and_the_answers(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {})
        await is_new(host, process)
        assert await process.records.answers(NEWER) == ANSWERS
        (operation, *_) = await process.operations.history()
        assert (operation.kind, tuple(step.name for step in operation.steps)) == ("upgrade", REPLACE_STEPS)


async def test_the_old_version_runs_until_everything_is_fetched(host: PackageHost) -> None:
    host.podman.registry.clear()
    host.podman.images.clear()
    calls = len(host.systemd.calls)
    async with host.process() as process:
        with pytest.raises(TownError, match="was not found"):
            await process.install(NEWER, {})
        await is_old(host, process)
    assert "stop" not in [call for call, *unit in host.systemd.calls[calls:] if unit == [WEB.unit]]


@pytest.mark.parametrize("behaviour", [DIES, EXITS_CLEANLY, Behaviour(job="failed")])
async def test_a_version_that_does_not_stay_up_goes_back_with_code_and_data(
    host: PackageHost, behaviour: Behaviour
) -> None:
    corrupting(host, behaviour)
    host.journal.write("cannot read my new format", NEWER.unit)
    async with host.process() as process:
        with pytest.raises(Invalid, match="cannot read my new format"):
            await process.install(NEWER, {})
        await is_old(host, process)
        (operation, *_) = await process.operations.history()
        assert operation.state == "undone"
        assert "cannot read my new format" in str(operation.error)


async def test_a_snapshot_of_the_old_data_stays_with_the_volume(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {})
        (snapshot,) = await host.volumes.snapshots(volume(NEWER, "data"))
        assert snapshot.id.reason == "upgrade"


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(REPLACE_STEPS))
async def test_an_interrupted_upgrade_is_done_or_rolled_back(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"upgrade:{moment}") as process:
            await process.install(NEWER, {})
    async with host.process() as process:
        if await process.records.installed() == [NEWER]:
            await is_new(host, process)
        else:
            await is_old(host, process)


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments_up_to_a_failing_start(REPLACE_STEPS))
async def test_a_version_that_spoils_its_data_is_rolled_back_after_a_crash(moment: str, host: PackageHost) -> None:
    corrupting(host, DIES)
    with dying():
        async with host.process(f"upgrade:{moment}") as process:
            await process.install(NEWER, {})
    async with host.process() as process:
        await is_old(host, process)


@pytest.mark.parametrize(
    ("part", "call"),
    [
        ("volumes", "snapshot"),
        ("volumes", "rename"),
        ("volumes", "set_quota"),
        ("systemd", "stop"),
        ("systemd", "reload"),
        ("systemd", "start"),
    ],
)
async def test_a_failure_at_any_point_leaves_the_old_version(part: str, call: str, host: PackageHost) -> None:
    getattr(host, part).failures[call].append(Internal("unit.failed", "no"))
    async with host.process() as process:
        with pytest.raises(TownError):
            await process.install(NEWER, {})
        await is_old(host, process)


async def test_a_stopped_package_stays_stopped_after_an_upgrade(host: PackageHost) -> None:
    await host.systemd.stop(WEB.unit)
    corrupting(host, DIES)
    async with host.process() as process:
        with pytest.raises(Invalid):
            await process.install(NEWER, {})
    assert not host.running(WEB)


async def test_a_disabled_package_is_upgraded_without_a_start(host: PackageHost) -> None:
    async with host.process() as process:
        await process.installations.disable(WEB.repository, WEB.name)
        await process.install(NEWER, {})
        assert await process.records.installed() == [NEWER]
        assert await process.records.disabled(WEB.repository, WEB.name)
    assert not host.running(NEWER)


async def test_a_newer_version_can_be_replaced_by_an_older_one(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {})
        await process.install(WEB, {})
        assert await process.records.installed() == [WEB]
    assert file(host, WEB, "data").read_text() == "old data"


async def test_ports_of_the_replaced_version_are_free_for_the_new_one(host: PackageHost) -> None:
    host.sockets.holders = {8081: "nginx", 9000: "nginx"}
    async with host.process() as process:
        await process.install(NEWER, {})
        assert (await process.records.answers(NEWER))["port"] == "8081"


async def test_answers_are_carried_over_only_where_the_new_version_asks_and_nobody_answers(host: PackageHost) -> None:
    host.offer(
        NEWER,
        NEWER_MANIFEST.replace("  greeting: {query: How to greet?, default: hello}\n", "").replace(
            'GREETING: "@greeting@", ', ""
        ),
    )
    async with host.process() as process:
        await process.install(NEWER, {"size": "3gb"})
        answers = await process.records.answers(NEWER)
    assert answers == {name: text for name, text in ANSWERS.items() if name != "greeting"} | {"size": "3gb"}


@pytest.mark.conformance("INST-13")
async def test_answers_are_not_carried_over_if_that_is_not_wanted(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(NEWER, {}, skip_response_reuse=True)
        answers = await process.records.answers(NEWER)
    assert answers["greeting"] == "hello"
    assert answers["password"] != ANSWERS["password"]


class TestChangedManifest:
    """The same version, whose manifest the repository has changed."""

    @pytest.fixture
    async def changed(self, host: PackageHost) -> PackageHost:
        host.offer(WEB, MANIFEST.replace("A web server", "A changed web server"))
        return host

    @pytest.mark.conformance("UPG-01")
    async def test_an_installation_of_the_same_version_takes_the_new_manifest(self, changed: PackageHost) -> None:
        async with changed.process() as process:
            await process.install(WEB, {})
            path = changed.repositories / "core/packages/web/1.0.yaml"
            assert not await process.records.changed({WEB: path})
        assert "A changed web server" in changed.unit_texts()[WEB.unit]
        assert file(changed, WEB, "data").read_text() == "old data"

    async def test_a_version_that_does_not_stay_up_is_rolled_back(self, changed: PackageHost) -> None:
        def spoil_once() -> None:
            file(changed, WEB, "data").write_text("spoiled")
            del changed.systemd.behaviours[WEB.unit], changed.systemd.on_start[WEB.unit]

        changed.systemd.behaviours[WEB.unit] = DIES
        changed.systemd.on_start[WEB.unit] = spoil_once
        async with changed.process() as process:
            with pytest.raises(Invalid):
                await process.install(WEB, {})
            await is_old(changed, process)
            assert b"A web server" in await process.records.manifest(WEB)


@pytest.mark.parametrize("moment", moments(REPLACE_STEPS))
async def test_an_upgrade_is_done_or_rolled_back_after_a_power_cut(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"upgrade:{moment}") as process:
            await process.install(NEWER, {})
    await host.power_cut()
    async with host.process() as process:
        await process.reconciliation.run()
        if await process.records.installed() == [NEWER]:
            await is_new(host, process)
        else:
            await is_old(host, process)


async def test_the_old_version_waits_until_its_data_is_back(host: PackageHost) -> None:
    corrupting(host, DIES)
    host.volumes.failures["restore"] = [Internal("unit.failed", "the disk is full") for _ in range(2)]
    async with host.process() as process:
        with pytest.raises(Invalid, match="the disk is full"):
            await process.install(NEWER, {})
        assert not host.running(WEB)
    async with host.process(settled=False) as process:  # the second attempt fails as well
        await process.reconciliation.run()
        assert not host.running(WEB)
        assert "the disk is full" in str(process.start_failures.reasons()[str(WEB)])
    async with host.process() as process:
        await process.reconciliation.run()
        await is_old(host, process)

"""Restoring is an operation: it ends whole or leaves nothing, and whoever used the volume uses it again."""

import errno
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.support.installations import WEB, PackageHost, Process, moments
from townos.errors import Conflict, Internal, Invalid, NoSpace, Unavailable
from townos.i18n import Bytes
from townos.names import InnerPath, VolumeName
from townos.operations import OperationState, Subject
from townos.posix.checkpoints import Checkpoint
from townos.storage.history.path_swap import PathSwap
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.testing.operations import dying

DATA = VolumePath.installed(WEB, VolumeName.parse("data"))
PHOTOS = VolumePath.user("photos")
KEPT = VolumePath.uninstalled(WEB, VolumeName.parse("data"))
SNAPSHOT = SnapshotId.make(datetime(2025, 11, 24, tzinfo=UTC), SnapshotReason.UPLOAD)
FILE = InnerPath.parse("sub/file")
WHOLE = ["stop", "snapshot", "restore", "start", "finish"]
ALONE = ["snapshot", "copy", "swap", "finish"]
QUOTA = 1024**2
OLD = {"sub/file": "old", "sub/gone": "old"}
NEW = {"sub/file": "new", "more": "new"}
RESTORED = {"sub/file": "old", "more": "new"}

pytestmark = pytest.mark.usefixtures("autojump_clock")


def put(host: PackageHost, volume: VolumePath, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = host.volumes.location(volume) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def content(host: PackageHost, volume: VolumePath) -> dict[str, str]:
    top = host.volumes.location(volume)
    return {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}


async def with_a_past(host: PackageHost, volume: VolumePath) -> None:
    """Fill a volume, take a snapshot, and change it."""
    put(host, volume, OLD)
    await host.volumes.snapshot(volume, SNAPSHOT)
    (host.volumes.location(volume) / "sub" / "gone").unlink()
    put(host, volume, NEW)


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with a running package, and volumes of each kind with a past."""
    host = PackageHost(tmp_path)
    host.offer()
    async with host.process() as process:
        await process.install()
    host.volumes.add(PHOTOS, QUOTA)
    host.volumes.add(KEPT)
    for volume in (DATA, PHOTOS, KEPT):
        await with_a_past(host, volume)
    host.systemd.calls.clear()
    return host


async def ids(host: PackageHost, volume: VolumePath) -> list[SnapshotId]:
    return [snapshot.id for snapshot in await host.volumes.snapshots(volume)]


async def newest(process: Process) -> OperationState:
    return (await process.operations.history())[0].state


@pytest.mark.parametrize("volume", [DATA, PHOTOS, KEPT])
async def test_a_restored_volume_keeps_its_present_quota(host: PackageHost, volume: VolumePath) -> None:
    quota = host.volumes.quotas[volume]
    async with host.process() as process:
        await process.restorations.restore(volume, SNAPSHOT, None)
    assert content(host, volume) == OLD
    assert host.volumes.quotas[volume] == quota
    before, _ = await ids(host, volume)
    assert before.reason is SnapshotReason.USER
    assert (host.volumes.snapshot_location(volume, before) / "more").read_text() == "new"


async def test_only_the_service_that_uses_the_volume_stops(host: PackageHost) -> None:
    async with host.process() as process:
        for volume in (PHOTOS, KEPT):
            await process.restorations.restore(volume, SNAPSHOT, None)
        await process.restorations.restore(DATA, SNAPSHOT, FILE)
        assert host.systemd.changes_of(WEB.unit) == []
        await process.restorations.restore(DATA, SNAPSHOT, None)
        assert host.systemd.changes_of(WEB.unit) == ["stop", "reset_failed", "start"]
    assert host.running()


async def test_a_stopped_service_is_not_started(host: PackageHost) -> None:
    await host.systemd.stop(WEB.unit)
    async with host.process() as process:
        await process.restorations.restore(DATA, SNAPSHOT, None)
    assert not host.running()
    assert content(host, DATA) == OLD


async def test_a_volume_that_no_installed_package_has_is_restored(host: PackageHost) -> None:
    async with host.process() as process:
        await process.uninstall()
        host.volumes.add(DATA)
        await with_a_past(host, DATA)
        await process.restorations.restore(DATA, SNAPSHOT, None)
    assert content(host, DATA) == OLD


@pytest.mark.parametrize("volume", [DATA, PHOTOS, KEPT])
async def test_a_path_is_restored_and_the_rest_stays(host: PackageHost, volume: VolumePath) -> None:
    async with host.process() as process:
        await process.restorations.restore(volume, SNAPSHOT, FILE)
        assert content(host, volume) == RESTORED
        await process.restorations.restore(volume, SNAPSHOT, InnerPath.parse("sub"))
    assert content(host, volume) == {**OLD, "more": "new"}
    assert (await ids(host, volume))[-1] == SNAPSHOT


async def test_pruning_never_deletes_the_snapshot_that_is_restored(host: PackageHost) -> None:
    async with host.process() as process:
        await process.settings.set("snapshots_kept", "1")
        host.clock.advance(1)
        later = SnapshotId.make(host.clock.now(), SnapshotReason.USER)
        await host.volumes.snapshot(PHOTOS, later)
        host.clock.advance(1)
        await process.restorations.restore(PHOTOS, SNAPSHOT, None)
        kept = await ids(host, PHOTOS)
    assert len(kept) == 2
    assert SNAPSHOT in kept
    assert later not in kept


@pytest.mark.parametrize(
    ("volume", "subject"),
    [(DATA, ("core", "web", "1.0")), (KEPT, ("core", "web", "1.0")), (PHOTOS, ("user", "photos", "volume"))],
)
async def test_no_other_operation_works_on_the_volume_meanwhile(
    host: PackageHost, volume: VolumePath, subject: tuple[str, ...]
) -> None:
    refused = []

    async def restore(process: Process) -> None:
        try:
            await process.restorations.restore(volume, SNAPSHOT, None)
        except Conflict as error:
            refused.append(str(error))

    async with host.process() as process:
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(restore, process)
        (operation,) = (one for one in await process.operations.history() if one.kind == "restore-snapshot")
    assert operation.subject == Subject(*subject)
    assert refused == [f"{subject[0]}/{subject[1]} is busy: restore-snapshot is running"]


async def test_a_restoration_beyond_the_quota_is_refused_and_changes_nothing(host: PackageHost) -> None:
    host.volumes.quotas[PHOTOS] = 2
    async with host.process() as process:
        with pytest.raises(NoSpace, match="the snapshot holds 6 bytes, more than the volume's quota of 2 bytes"):
            await process.restorations.restore(PHOTOS, SNAPSHOT, None)
        with pytest.raises(NoSpace, match="but the quota leaves only"):
            await process.restorations.restore(PHOTOS, SNAPSHOT, InnerPath.parse("sub/gone"))
        assert await newest(process) is OperationState.UNDONE
    assert content(host, PHOTOS) == NEW
    assert await ids(host, PHOTOS) == [SNAPSHOT]
    assert host.volumes.quotas[PHOTOS] == 2


async def test_a_replacement_of_equal_size_fits_into_a_full_quota(host: PackageHost) -> None:
    """The names and places of things count too, on both sides."""
    host.volumes.quotas[PHOTOS] = 6
    async with host.process() as process:
        await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
    assert content(host, PHOTOS) == RESTORED
    assert host.volumes.quotas[PHOTOS] == 6


@pytest.mark.parametrize("path", [None, FILE])
async def test_the_present_state_is_kept_before_it_is_replaced(host: PackageHost, path: InnerPath | None) -> None:
    host.volumes.failures["snapshot"].append(NoSpace("storage.full", Bytes(0), Bytes(1_000)))
    async with host.process() as process:
        with pytest.raises(NoSpace, match="snapshot failed: no space left on the disk: 0 bytes of 1000 bytes are free"):
            await process.restorations.restore(DATA, SNAPSHOT, path)
        assert host.running()
    assert content(host, DATA) == NEW


async def test_a_service_that_does_not_start_gets_its_previous_data_back(host: PackageHost) -> None:
    host.systemd.failures["start"].append(Internal("unit.failed", "no"))
    async with host.process() as process:
        with pytest.raises(Invalid, match="start failed"):
            await process.restorations.restore(DATA, SNAPSHOT, None)
        assert await newest(process) is OperationState.UNDONE
        assert host.running()
    assert content(host, DATA) == NEW
    assert await ids(host, DATA) == [SNAPSHOT]


async def test_a_failed_swap_leaves_the_present_state_with_its_quota(host: PackageHost) -> None:
    async with host.process() as process:
        host.volumes.failures["commit"] += [Internal("unit.failed", "no"), Internal("unit.failed", "no")]
        with pytest.raises(Invalid):
            await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
        host.volumes.failures["commit"].clear()
    assert content(host, PHOTOS) == NEW
    assert host.volumes.quotas[PHOTOS] == QUOTA
    assert await ids(host, PHOTOS) == [SNAPSHOT]


async def test_a_path_that_not_even_its_name_has_room_for_gets_the_reserve(
    host: PackageHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = PathSwap.prepare

    def prepare_if_there_is_room(swapping: PathSwap, snapshot: Path, checkpoint: Checkpoint) -> None:
        if host.volumes.has_reserve:
            raise OSError(errno.ENOSPC, "No space left on device")
        prepare(swapping, snapshot, checkpoint)

    monkeypatch.setattr(PathSwap, "prepare", prepare_if_there_is_room)
    host.volumes.has_reserve = True
    async with host.process() as process:
        await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
    assert content(host, PHOTOS) == RESTORED


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "copy failed: no space left on the disk: "),
        (errno.EDQUOT, "copy failed: no space left in the volume photos: its quota of 1 MB is used up"),
        (errno.ENOTDIR, "copy failed: the application that uses the volume changed it at the same time"),
        (errno.EINVAL, "copy failed: the application that uses the volume changed it at the same time"),
        (errno.EIO, "copy failed: OSError"),
    ],
)
async def test_an_error_of_the_disk_is_told_in_words(
    host: PackageHost, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(PathSwap, "prepare", refuse)
    async with host.process() as process:
        with pytest.raises(NoSpace if code in {errno.ENOSPC, errno.EDQUOT} else Invalid) as caught:
            await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
    assert str(caught.value).startswith(said)
    assert content(host, PHOTOS) == NEW
    assert host.volumes.quotas[PHOTOS] == QUOTA


async def test_a_slow_deletion_is_left_to_the_next_restoration(
    host: PackageHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with host.process() as process:
        with monkeypatch.context() as patched:
            patched.setattr("townos.storage.history.path_restore.VOLUME_CLEARING_TIMEOUT_SECONDS", -1)
            await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
        assert "what was replaced in user/photos could not be deleted" in caplog.text
        assert host.volumes.quotas[PHOTOS] == QUOTA
        assert content(host, PHOTOS) == {**RESTORED, ".town-os-restore/copy/file": "new"}
        await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
    assert content(host, PHOTOS) == RESTORED


async def test_nothing_is_restored_before_the_boot_is_done(host: PackageHost) -> None:
    def not_yet() -> None:
        raise Unavailable("boot.pending")

    async with host.process() as process:
        early = replace(process.restorations, require_ready=not_yet)
        with pytest.raises(Unavailable):
            await early.restore(PHOTOS, SNAPSHOT, None)


@pytest.mark.slow
@pytest.mark.parametrize("power_cut", [False, True])
@pytest.mark.parametrize("moment", moments(WHOLE))
async def test_an_interrupted_restore_of_a_volume_is_resumed(moment: str, power_cut: bool, host: PackageHost) -> None:
    with dying():
        async with host.process(f"restore-snapshot:{moment}") as process:
            await process.restorations.restore(DATA, SNAPSHOT, None)
    if power_cut:
        await host.power_cut()
    async with host.process() as process:
        assert await newest(process) is OperationState.SUCCEEDED
        await process.reconciliation.run()
    assert content(host, DATA) == OLD
    assert host.running()
    assert len(await ids(host, DATA)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("moment", moments(ALONE))
async def test_an_interrupted_restore_of_a_path_is_resumed(moment: str, host: PackageHost) -> None:
    with dying():
        async with host.process(f"restore-snapshot:{moment}") as process:
            await process.restorations.restore(PHOTOS, SNAPSHOT, FILE)
    async with host.process() as process:
        assert await newest(process) is OperationState.SUCCEEDED
    assert content(host, PHOTOS) == RESTORED
    assert host.volumes.quotas[PHOTOS] == QUOTA
    assert len(await ids(host, PHOTOS)) == 2

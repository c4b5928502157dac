"""The last part of an upload: an operation that ends whole or leaves nothing, wherever the process dies."""

import errno
import os
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.support.archive_appliance import DATA, NGINX, PHOTOS, SETTINGS, ArchiveAppliance, Hesitant, open_appliance
from tests.support.archives import in_pieces, member, packed
from tests.support.trees import Tree, tree
from townos.errors import Conflict, Internal, Invalid, NoSpace
from townos.installations.subjects import subject_of
from townos.limits import OPERATIONS_CONCURRENT
from townos.names import PackageId
from townos.operations import OperationState
from townos.storage.archives.merging import roll_back
from townos.storage.archives.operation import UPLOAD
from townos.storage.archives.uploads import Upload
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.systemd.manager import JobFailed
from townos.testing.operations import dying, resumed
from townos.testing.systemd import FakeSystemd

ME = (os.getuid(), os.getgid())
STREAM = packed(member("index.html", b"new", owner=ME), member("d/more", b"more", owner=ME))
MERGED = {"index.html": b"new", "d/more": b"more"}
IDENTIFIER = "9b0a9c9e-6d2c-4a55-9a57-0c1f0d3a1c11"
FORWARD = ("archive", "stop", "snapshot", "merge", "start", "finish")
MOMENTS = ("before", "after")


async def put(appliance: ArchiveAppliance, content: bytes = STREAM) -> None:
    async with aclosing(in_pieces(content)) as source:
        upload = Upload(DATA, "a.tar", service=NGINX.unit)
        await appliance.uploads.put(upload, source, operation_id=IDENTIFIER)


async def steps(appliance: ArchiveAppliance) -> Sequence[str]:
    (operation,) = await appliance.operations.history()
    return [step.name for step in operation.steps]


async def state(appliance: ArchiveAppliance) -> OperationState:
    (operation,) = await appliance.operations.history()
    return operation.state


async def die_at(path: Path, point: str, systemd: FakeSystemd, *, spoil: bool = False) -> Tree:
    """Upload, and die at a point; return what the volume held before."""
    with dying():
        async with open_appliance(path, crash=f"{UPLOAD}:{point}", systemd=systemd) as appliance:
            before = tree(appliance.volumes.location(DATA))
            if spoil:
                systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
            await put(appliance)
    return before


async def test_an_upload_has_the_steps_that_these_tests_interrupt(appliance: ArchiveAppliance) -> None:
    await put(appliance)
    assert tuple(await steps(appliance)) == FORWARD
    (operation,) = await appliance.operations.history()
    assert (operation.id, operation.kind, operation.subject.version) == (IDENTIFIER, UPLOAD, "1.0")


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("step", FORWARD)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_interrupted_upload_is_resumed_at_every_point(step: str, moment: str, tmp_path: Path) -> None:
    systemd = FakeSystemd()
    await die_at(tmp_path, f"{step}:{moment}", systemd)
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        await appliance.volumes.ensure_roots(await appliance.uploads.handed_over())
        await resumed(appliance.operations)
        assert await state(appliance) is OperationState.SUCCEEDED
        assert appliance.files(DATA) == MERGED
        assert systemd.is_running(NGINX.unit)
        assert appliance.staged() == []


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("step", ["start", "merge", "snapshot", "stop", "archive"])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_interrupted_rollback_is_resumed_at_every_point(step: str, moment: str, tmp_path: Path) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, f"undo {step}:{moment}", systemd, spoil=True)
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        await appliance.volumes.ensure_roots(await appliance.uploads.handed_over())
        await resumed(appliance.operations)
        assert await state(appliance) is OperationState.UNDONE
        assert tree(appliance.volumes.location(DATA)) == before
        assert await appliance.volumes.snapshots(DATA) == []
        assert systemd.is_running(NGINX.unit)
        assert appliance.staged() == []


async def test_an_interrupted_merge_is_rolled_back_if_it_cannot_continue(
    tmp_path: Path,
) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, "merge:after", systemd)
    async with open_appliance(tmp_path, systemd=systemd, starts=False) as appliance:
        (appliance.volumes.location(DATA) / "d" / "more").unlink()
        (appliance.volumes.location(DATA) / "d" / "more").mkdir()  # now it is in the way
        async with appliance.serving():
            await resumed(appliance.operations)
            assert await state(appliance) is OperationState.UNDONE
            assert tree(appliance.volumes.location(DATA)) == before


async def test_an_upload_without_its_staging_directory_is_rolled_back(tmp_path: Path) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, "archive:before", systemd)
    async with open_appliance(tmp_path, systemd=systemd, starts=False) as appliance:
        await appliance.volumes.ensure_roots()
        systemd.calls.clear()
        async with appliance.serving():
            await resumed(appliance.operations)
            assert await state(appliance) is OperationState.UNDONE
    assert tree(appliance.volumes.location(DATA)) == before
    assert systemd.changes_of(NGINX.unit) == []


async def test_after_a_power_cut_a_missing_service_is_left_to_reconciliation(
    tmp_path: Path,
) -> None:
    await die_at(tmp_path, "stop:after", FakeSystemd())
    async with open_appliance(tmp_path, systemd=FakeSystemd()) as appliance:
        await resumed(appliance.operations)
        assert await state(appliance) is OperationState.SUCCEEDED
        assert appliance.files(DATA) == MERGED


async def test_the_state_before_an_upload_is_kept_though_the_clock_was_set_back(appliance: ArchiveAppliance) -> None:
    later = appliance.clock.now() + timedelta(days=1)
    for minutes in range(int(SETTINGS["snapshots_kept"])):
        moment = later + timedelta(minutes=minutes)
        await appliance.volumes.snapshot(DATA, SnapshotId.make(moment, SnapshotReason.USER))
    await put(appliance)
    assert SnapshotReason.UPLOAD in [snapshot.id.reason for snapshot in await appliance.volumes.snapshots(DATA)]


async def test_a_client_that_hangs_up_too_late_cancels_nothing(appliance: ArchiveAppliance) -> None:
    with trio.CancelScope() as scope:
        async with aclosing(in_pieces(STREAM)) as source:
            await appliance.uploads.put(Upload(PHOTOS, "a.tar"), source, on_received=scope.cancel)
    assert scope.cancelled_caught
    await resumed(appliance.operations)
    assert await state(appliance) is OperationState.SUCCEEDED
    assert appliance.files() == {"old.jpg": b"old", **MERGED}
    assert appliance.staged() == []


async def test_a_cancelled_upload_leaves_nothing(tmp_path: Path) -> None:
    systemd = Hesitant()
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        before = tree(appliance.volumes.location(DATA))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_put_in_vain, appliance)
            await systemd.stopping.wait()
            await appliance.operations.cancel(IDENTIFIER)
        assert await state(appliance) is OperationState.CANCELLED
        assert tree(appliance.volumes.location(DATA)) == before
        assert systemd.is_running(NGINX.unit)
        assert appliance.staged() == []


async def test_an_upload_cancelled_in_the_queue_leaves_nothing(appliance: ArchiveAppliance) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(OPERATIONS_CONCURRENT):
            await nursery.start(appliance.work_on, PackageId.parse("core", f"other-{number}", "1"))
        async with trio.open_nursery() as waiting:
            waiting.start_soon(_put_in_vain, appliance)
            while not appliance.operations.running(subject_of(NGINX)):
                await trio.testing.wait_all_tasks_blocked()
            await appliance.operations.cancel(IDENTIFIER)
        nursery.cancel_scope.cancel()
    assert appliance.staged() == []


async def _put_in_vain(appliance: ArchiveAppliance) -> None:
    with pytest.raises(Conflict, match="cancelled"):
        await put(appliance)


async def test_a_rollback_uses_the_reserve_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = FakeSystemd()
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        before = tree(appliance.volumes.location(DATA))
        appliance.volumes.has_reserve = True

        def roll_back_with_the_reserve(*arguments: Any) -> None:
            if appliance.volumes.has_reserve:
                raise NoSpace("archive.volume_full") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            roll_back(*arguments)

        monkeypatch.setattr("townos.storage.archives.operation.roll_back", roll_back_with_the_reserve)
        systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
        with pytest.raises(Invalid):
            await put(appliance)
        assert await state(appliance) is OperationState.UNDONE
        assert tree(appliance.volumes.location(DATA)) == before


async def test_an_incomplete_rollback_is_kept_for_the_next_attempt(tmp_path: Path) -> None:
    systemd = FakeSystemd()
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        before = tree(appliance.volumes.location(DATA))
        systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
        appliance.volumes.failures["delete_snapshot"].append(Internal("http.internal"))
        with pytest.raises(Invalid):
            await put(appliance)
        assert await state(appliance) is OperationState.FAILED
        assert systemd.is_running(NGINX.unit)
    async with open_appliance(tmp_path, systemd=systemd) as appliance:
        await resumed(appliance.operations)
        assert await state(appliance) is OperationState.UNDONE
        assert tree(appliance.volumes.location(DATA)) == before
        assert appliance.staged() == []


async def test_an_id_that_is_none_is_refused_before_anything_is_read(appliance: ArchiveAppliance) -> None:
    answer = await appliance.upload(b"no archive", operation_id="x")
    assert (answer.status, answer.json["validation_errors"][0]["name"]) == (422, "operation_id")

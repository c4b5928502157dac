"""The last part of an upload: an operation that ends whole or leaves nothing, wherever the process dies."""

import os
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.support.archive_town import DATA, NGINX, PHOTOS, Hesitant, Town, open_town
from tests.support.archives import in_pieces, member, packed
from tests.support.trees import Tree, tree
from townos.errors import Conflict, Internal, Invalid, NoSpace
from townos.limits import OPERATIONS_CONCURRENT
from townos.names import PackageId
from townos.operations import OperationState
from townos.storage.archives.merging import revert
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


async def put(town: Town, content: bytes = STREAM) -> None:
    async with aclosing(in_pieces(content)) as source:
        upload = Upload(DATA, "a.tar", service=NGINX.unit)
        await town.uploads.put(upload, source, operation_id=IDENTIFIER)


async def steps(town: Town) -> Sequence[str]:
    (operation,) = await town.operations.history()
    return [step.name for step in operation.steps]


async def state(town: Town) -> OperationState:
    (operation,) = await town.operations.history()
    return operation.state


async def die_at(path: Path, point: str, systemd: FakeSystemd, *, spoil: bool = False) -> Tree:
    """Upload, and die at a point; return what the volume held before."""
    with dying():
        async with open_town(path, crash=f"{UPLOAD}:{point}", systemd=systemd) as town:
            before = tree(town.volumes.location(DATA))
            if spoil:
                systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
            await put(town)
    return before


async def test_its_steps_are_those_that_are_tried(town: Town) -> None:
    await put(town)
    assert tuple(await steps(town)) == FORWARD
    (operation,) = await town.operations.history()
    assert (operation.id, operation.kind, operation.version) == (IDENTIFIER, UPLOAD, "1.0")


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("step", FORWARD)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_wherever_the_process_dies_the_next_one_merges_all_of_it(step: str, moment: str, tmp_path: Path) -> None:
    systemd = FakeSystemd()
    await die_at(tmp_path, f"{step}:{moment}", systemd)
    async with open_town(tmp_path, systemd=systemd) as town:
        await town.volumes.ensure_roots(await town.uploads.handed_over())
        await resumed(town.operations)
        assert await state(town) is OperationState.SUCCEEDED
        assert town.files(DATA) == MERGED
        assert systemd.is_running(NGINX.unit)
        assert town.staged() == []


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("step", ["start", "merge", "snapshot", "stop", "archive"])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_wherever_the_process_dies_on_the_way_back_the_next_one_leaves_nothing(
    step: str, moment: str, tmp_path: Path
) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, f"undo {step}:{moment}", systemd, spoil=True)
    async with open_town(tmp_path, systemd=systemd) as town:
        await town.volumes.ensure_roots(await town.uploads.handed_over())
        await resumed(town.operations)
        assert await state(town) is OperationState.UNDONE
        assert tree(town.volumes.location(DATA)) == before
        assert await town.volumes.snapshots(DATA) == []
        assert systemd.is_running(NGINX.unit)
        assert town.staged() == []


async def test_what_a_dead_process_had_only_begun_to_merge_is_taken_back_if_the_next_one_cannot_go_on(
    tmp_path: Path,
) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, "merge:after", systemd)
    async with open_town(tmp_path, systemd=systemd, starts=False) as town:
        (town.volumes.location(DATA) / "d" / "more").unlink()
        (town.volumes.location(DATA) / "d" / "more").mkdir()  # now it is in the way
        async with town.serving():
            await resumed(town.operations)
            assert await state(town) is OperationState.UNDONE
            assert tree(town.volumes.location(DATA)) == before


async def test_without_what_was_uploaded_nothing_is_done(tmp_path: Path) -> None:
    systemd = FakeSystemd()
    before = await die_at(tmp_path, "archive:before", systemd)
    async with open_town(tmp_path, systemd=systemd, starts=False) as town:
        await town.volumes.ensure_roots()
        systemd.calls.clear()
        async with town.serving():
            await resumed(town.operations)
            assert await state(town) is OperationState.UNDONE
    assert tree(town.volumes.location(DATA)) == before
    assert systemd.changes_of(NGINX.unit) == []


async def test_after_a_power_cut_a_service_that_is_not_there_yet_is_left_to_those_who_bring_it_up(
    tmp_path: Path,
) -> None:
    await die_at(tmp_path, "stop:after", FakeSystemd())
    async with open_town(tmp_path, systemd=FakeSystemd()) as town:
        await resumed(town.operations)
        assert await state(town) is OperationState.SUCCEEDED
        assert town.files(DATA) == MERGED


async def test_the_state_before_an_upload_is_kept_though_the_clock_was_set_back(town: Town) -> None:
    later = town.clock.now() + timedelta(days=1)
    for minutes in range(town.limits.numbers["snapshots_kept"]):
        moment = later + timedelta(minutes=minutes)
        await town.volumes.snapshot(DATA, SnapshotId.make(moment, SnapshotReason.USER))
    await put(town)
    assert SnapshotReason.UPLOAD in [snapshot.id.reason for snapshot in await town.volumes.snapshots(DATA)]


async def test_who_hangs_up_too_late_cancels_nothing(town: Town) -> None:
    with trio.CancelScope() as scope:
        async with aclosing(in_pieces(STREAM)) as source:
            await town.uploads.put(Upload(PHOTOS, "a.tar"), source, on_received=scope.cancel)
    assert scope.cancelled_caught
    await resumed(town.operations)
    assert await state(town) is OperationState.SUCCEEDED
    assert town.files() == {"old.jpg": b"old", **MERGED}
    assert town.staged() == []


async def test_a_cancelled_one_leaves_nothing(tmp_path: Path) -> None:
    systemd = Hesitant()
    async with open_town(tmp_path, systemd=systemd) as town:
        before = tree(town.volumes.location(DATA))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_put_in_vain, town)
            await systemd.stopping.wait()
            await town.operations.cancel(IDENTIFIER)
        assert await state(town) is OperationState.CANCELLED
        assert tree(town.volumes.location(DATA)) == before
        assert systemd.is_running(NGINX.unit)
        assert town.staged() == []


async def test_one_that_is_cancelled_while_others_are_before_it_leaves_nothing(town: Town) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(OPERATIONS_CONCURRENT):
            await nursery.start(town.work_on, PackageId.parse("core", f"other-{number}", "1"))
        async with trio.open_nursery() as waiting:
            waiting.start_soon(_put_in_vain, town)
            while not town.operations.running("core", "nginx"):
                await trio.testing.wait_all_tasks_blocked()
            await town.operations.cancel(IDENTIFIER)
        nursery.cancel_scope.cancel()
    assert town.staged() == []


async def _put_in_vain(town: Town) -> None:
    with pytest.raises(Conflict, match="cancelled"):
        await put(town)


async def test_the_way_back_uses_the_reserve_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = FakeSystemd()
    async with open_town(tmp_path, systemd=systemd) as town:
        before = tree(town.volumes.location(DATA))
        town.volumes.reserved = True

        def revert_with_the_reserve(*directories: Path) -> None:
            if town.volumes.reserved:
                raise NoSpace("archive.volume_full")
            revert(*directories)

        monkeypatch.setattr("townos.storage.archives.operation.revert", revert_with_the_reserve)
        systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
        with pytest.raises(Invalid):
            await put(town)
        assert await state(town) is OperationState.UNDONE
        assert tree(town.volumes.location(DATA)) == before


async def test_what_could_not_be_taken_back_is_kept_for_the_next_attempt(tmp_path: Path) -> None:
    systemd = FakeSystemd()
    async with open_town(tmp_path, systemd=systemd) as town:
        before = tree(town.volumes.location(DATA))
        systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
        town.volumes.failures["delete_snapshot"].append(Internal("http.internal"))
        with pytest.raises(Invalid):
            await put(town)
        assert await state(town) is OperationState.FAILED
        assert systemd.is_running(NGINX.unit)
    async with open_town(tmp_path, systemd=systemd) as town:
        await resumed(town.operations)
        assert await state(town) is OperationState.UNDONE
        assert tree(town.volumes.location(DATA)) == before
        assert town.staged() == []


async def test_an_id_that_is_none_is_refused_before_anything_is_read(town: Town) -> None:
    answer = await town.upload(b"no archive", operation_id="x")
    assert (answer.status, answer.json["validation_errors"][0]["name"]) == (422, "operation_id")

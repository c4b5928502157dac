"""What every `Volumes` does with snapshots and copies: the fake in plain directories, and btrfs."""

import errno
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio

from tests.support.btrfs import nest, write
from townos.errors import Conflict, NotFound
from townos.names import PackageId, VolumeName
from townos.storage.btrfs import moves
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import Area, VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.volumes import Volume, Volumes

MEBIBYTE = 1024**2
DATA = VolumeName.parse("data")
OLD = VolumePath.installed(PackageId.parse("core", "web", "1.0"), DATA)
NEW = VolumePath.installed(PackageId.parse("core", "web", "1.1"), DATA)
PHOTOS = VolumePath.user("photos")


def named(minutes: int, reason: SnapshotReason = SnapshotReason.USER) -> SnapshotId:
    return SnapshotId.make(datetime(2026, 11, 24, 18, 45, tzinfo=UTC) + timedelta(minutes=minutes), reason)


def put(volumes: Volumes, volume: VolumePath, text: str, name: str = "index.html") -> None:
    (volumes.location(volume) / name).write_text(text)


def content(volumes: Volumes, volume: VolumePath) -> dict[str, str]:
    top = volumes.location(volume)
    return {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}


async def kept(volumes: Volumes, volume: VolumePath) -> list[SnapshotId]:
    return [snapshot.id for snapshot in await volumes.snapshots(volume)]


async def made(volumes: Volumes, volume: VolumePath, text: str, *snapshots: SnapshotId) -> None:
    """Make a volume with a text, and snapshots of it, each with its own name as the text."""
    await volumes.ensure_roots()
    await volumes.create(volume, 0)
    for snapshot in snapshots:
        put(volumes, volume, str(snapshot))
        await volumes.snapshot(volume, snapshot)
    put(volumes, volume, text)


class TestSnapshots:
    """Taking, listing and deleting."""

    @pytest.mark.conformance("STO-05")
    async def test_a_snapshot_keeps_the_content_of_its_volume(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "before")
        await volumes.snapshot(OLD, named(1))
        put(volumes, OLD, "after")
        put(volumes, OLD, "more", "more")
        assert content(volumes, OLD) == {"index.html": "after", "more": "more"}
        await volumes.restore(OLD, named(1), 0)
        assert content(volumes, OLD) == {"index.html": "before"}

    async def test_a_snapshot_that_is_there_is_not_taken_again(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        await volumes.snapshot(OLD, named(1))
        await volumes.restore(OLD, named(1), 0)
        assert content(volumes, OLD) == {"index.html": str(named(1))}

    async def test_no_snapshot_is_made_of_a_missing_volume(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(NotFound, match="photos"):
            await volumes.snapshot(PHOTOS, named(1))
        assert await volumes.snapshots(PHOTOS) == []

    async def test_the_newest_comes_first(self, volumes: Volumes) -> None:
        upgrade = named(2, SnapshotReason.UPGRADE)
        await made(volumes, OLD, "", named(1), named(3), upgrade)
        assert await kept(volumes, OLD) == [named(3), upgrade, named(1)]

    async def test_snapshots_are_no_volumes(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "", named(1))
        await made(volumes, PHOTOS, "", named(1))
        assert await volumes.list() == [Volume(OLD, 0), Volume(PHOTOS, 0)]
        assert await volumes.count() == {Area.USER: 1, Area.INSTALLED: 1, Area.UNINSTALLED: 0}

    async def test_deleting_a_snapshot_leaves_the_others_and_may_be_repeated(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1), named(2))
        for _ in range(2):
            await volumes.delete_snapshot(OLD, named(1))
            assert await kept(volumes, OLD) == [named(2)]
        await volumes.restore(OLD, named(2), 0)
        assert content(volumes, OLD) == {"index.html": str(named(2))}

    @pytest.mark.parametrize(("keep", "left"), [(0, []), (1, [named(3)]), (2, [named(3), named(2)]), (5, None)])
    async def test_the_newest_are_kept(self, volumes: Volumes, keep: int, left: list[SnapshotId] | None) -> None:
        await made(volumes, OLD, "now", named(2), named(1), named(3))
        await volumes.prune(OLD, keep)
        assert await kept(volumes, OLD) == ([named(3), named(2), named(1)] if left is None else left)
        assert content(volumes, OLD) == {"index.html": "now"}

    async def test_a_spared_snapshot_stays_and_counts(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", *(named(minutes) for minutes in range(1, 6)))
        await volumes.prune(OLD, 3, protected={named(1)})
        assert await kept(volumes, OLD) == [named(5), named(4), named(1)]
        await volumes.prune(OLD, 1, protected={named(1), named(4)})
        assert await kept(volumes, OLD) == [named(4), named(1)]

    async def test_a_snapshot_can_be_looked_into(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        assert (volumes.snapshot_location(OLD, named(1)) / "index.html").read_text() == str(named(1))

    async def test_a_volume_has_no_snapshots_of_another(self, volumes: Volumes) -> None:
        deep = VolumePath.user("a/b")
        await made(volumes, deep, "", named(1))
        assert await volumes.snapshots(VolumePath.user("a")) == []
        assert await volumes.snapshots(NEW) == []

    async def test_snapshots_are_deleted_with_their_volume(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        await volumes.delete(OLD)
        assert await volumes.snapshots(OLD) == []
        await volumes.create(OLD, 0)
        assert await volumes.snapshots(OLD) == []

    async def test_deleting_a_volume_that_is_gone_deletes_its_snapshots(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        await volumes.move_to_snapshots(OLD, named(2))
        await volumes.delete(OLD)
        assert await volumes.snapshots(OLD) == []


class TestRestore:
    """A snapshot becomes the volume."""

    @pytest.mark.parametrize("there", [True, False])
    async def test_a_present_or_missing_volume_is_restored(self, volumes: Volumes, there: bool) -> None:
        await made(volumes, OLD, "now", named(1), named(2))
        if not there:
            await volumes.move_to_snapshots(OLD, named(3))
        for _ in range(2):
            await volumes.restore(OLD, named(1), 10 * MEBIBYTE)
            assert content(volumes, OLD) == {"index.html": str(named(1))}
            assert await volumes.get(OLD) == Volume(OLD, 10 * MEBIBYTE)
        put(volumes, OLD, "writable")
        assert (await kept(volumes, OLD))[-2:] == [named(2), named(1)]

    async def test_a_restore_without_a_snapshot_changes_nothing(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        with pytest.raises(NotFound, match="data has no snapshot 20261124T184700"):
            await volumes.restore(OLD, named(2), 0)
        assert content(volumes, OLD) == {"index.html": "now"}

    async def test_other_volumes_are_not_displaced(self, volumes: Volumes) -> None:
        await made(volumes, PHOTOS, "now")
        await volumes.move_to_snapshots(PHOTOS, named(1))
        await made(volumes, VolumePath.user("photos/new"), "new")
        with pytest.raises(Conflict, match="photos already exists"):
            await volumes.restore(PHOTOS, named(1), 0)
        assert await kept(volumes, PHOTOS) == [named(1)]
        assert await volumes.list() == [Volume(VolumePath.user("photos/new"), 0)]

    @pytest.mark.parametrize("quota", [0, 20 * MEBIBYTE])
    async def test_a_restored_volume_keeps_its_present_quota(self, quota: int, volumes: Volumes) -> None:
        await made(volumes, PHOTOS, "now")
        await volumes.set_quota(PHOTOS, 10 * MEBIBYTE)
        await volumes.snapshot(PHOTOS, named(1))
        await volumes.set_quota(PHOTOS, quota)
        await volumes.restore(PHOTOS, named(1), quota)
        assert await volumes.list() == [Volume(PHOTOS, quota)]


class TestShelve:
    """An older data set becomes a snapshot of the newer one."""

    async def test_the_older_is_a_snapshot_of_what_comes_to_its_place(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "older", named(1))
        await made(volumes, NEW, "newer", named(2))
        await volumes.move_to_snapshots(OLD, named(3, SnapshotReason.UNINSTALL))
        assert not await volumes.exists(OLD)
        await volumes.rename(NEW, OLD)
        assert content(volumes, OLD) == {"index.html": "newer"}
        assert await kept(volumes, OLD) == [named(3, SnapshotReason.UNINSTALL), named(2), named(1)]
        await volumes.restore(OLD, named(3, SnapshotReason.UNINSTALL), 0)
        assert content(volumes, OLD) == {"index.html": "older"}

    async def test_done_again_it_takes_nothing_from_its_place(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "older")
        await made(volumes, NEW, "newer")
        await volumes.move_to_snapshots(OLD, named(1))
        await volumes.move_to_snapshots(OLD, named(1))
        await volumes.rename(NEW, OLD)
        await volumes.move_to_snapshots(OLD, named(1))
        assert content(volumes, OLD) == {"index.html": "newer"}
        assert await kept(volumes, OLD) == [named(1)]

    async def test_no_volume_is_nothing_to_do(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.move_to_snapshots(OLD, named(1))
        assert await volumes.snapshots(OLD) == []


class TestMoving:
    """Snapshots go where their volume goes."""

    async def test_snapshots_move_with_their_volume_and_back(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1), named(2))
        await volumes.rename(OLD, NEW)
        assert await kept(volumes, OLD) == []
        await volumes.restore(NEW, named(1), 0)
        assert content(volumes, NEW) == {"index.html": str(named(1))}
        await volumes.rename(NEW, OLD)
        assert await kept(volumes, OLD) == [named(2), named(1)]

    async def test_moved_snapshots_join_the_present_ones(self, volumes: Volumes) -> None:
        await made(volumes, NEW, "shelved", named(1))
        await volumes.move_to_snapshots(NEW, named(3))
        await made(volumes, OLD, "now", named(1), named(2))
        await volumes.rename(OLD, NEW)
        assert await kept(volumes, NEW) == [named(3), named(2), named(1)]
        assert await kept(volumes, OLD) == []
        await volumes.restore(NEW, named(2), 0)
        assert content(volumes, NEW) == {"index.html": str(named(2))}

    async def test_moving_snapshots_may_be_repeated(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "now", named(1))
        for _ in range(2):
            await volumes.rename(OLD, NEW)
            assert await kept(volumes, NEW) == [named(1)]
            assert content(volumes, NEW) == {"index.html": "now"}

    async def test_a_conflict_moves_no_snapshot(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "old", named(1))
        await made(volumes, NEW, "new", named(2))
        with pytest.raises(Conflict):
            await volumes.rename(OLD, NEW)
        assert (await kept(volumes, OLD), await kept(volumes, NEW)) == ([named(1)], [named(2)])


class TestCopy:
    """A volume made of another one."""

    async def test_a_copy_lives_on_its_own(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "old", named(1))
        await volumes.copy(OLD, NEW, 10 * MEBIBYTE)
        put(volumes, NEW, "new")
        assert (content(volumes, OLD), content(volumes, NEW)) == ({"index.html": "old"}, {"index.html": "new"})
        assert await volumes.list() == [Volume(OLD, 0), Volume(NEW, 10 * MEBIBYTE)]
        assert await volumes.snapshots(NEW) == []

    async def test_a_taken_place_is_a_conflict(self, volumes: Volumes) -> None:
        await made(volumes, OLD, "old")
        await made(volumes, NEW, "new")
        with pytest.raises(Conflict):
            await volumes.copy(OLD, NEW, 0)
        assert content(volumes, NEW) == {"index.html": "new"}

    async def test_a_missing_volume_cannot_be_copied(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(NotFound):
            await volumes.copy(OLD, NEW, 0)
        assert await volumes.list() == []


@pytest.mark.bed
class TestBtrfs:
    """What only the real disk can show."""

    @pytest.fixture
    def volumes(self, mount: Path) -> BtrfsVolumes:
        return BtrfsVolumes(mount)

    @pytest.mark.conformance("STO-05")
    async def test_a_snapshot_is_read_only(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, OLD, "now", named(1))
        await volumes.move_to_snapshots(OLD, named(2))
        for identifier in (named(1), named(2)):
            with pytest.raises(OSError, match="Read-only") as caught:
                (mount / "snapshots" / str(OLD) / str(identifier) / "index.html").write_text("")
            assert caught.value.errno == errno.EROFS

    async def test_snapshots_that_join_others_stay_read_only(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, NEW, "", named(2))
        await volumes.move_to_snapshots(NEW, named(3))
        await made(volumes, OLD, "", named(1))
        await volumes.rename(OLD, NEW)
        assert len(await volumes.snapshots(NEW)) == 3
        for identifier in await kept(volumes, NEW):
            with pytest.raises(OSError, match="Read-only"):
                (mount / "snapshots" / str(NEW) / str(identifier) / "index.html").write_text("")

    @pytest.mark.parametrize("call", ["restore", "copy"])
    async def test_a_volume_made_of_a_snapshot_has_a_quota_of_its_own(self, volumes: BtrfsVolumes, call: str) -> None:
        await made(volumes, OLD, "", named(1))
        if call == "restore":
            await volumes.restore(OLD, named(1), 2 * MEBIBYTE)
        else:
            await volumes.copy(OLD, NEW, 2 * MEBIBYTE)
        with pytest.raises(OSError, match="quota"):
            write(volumes.location(OLD if call == "restore" else NEW) / "film", 8 * MEBIBYTE)

    async def test_a_snapshot_tells_what_deleting_it_would_free(self, volumes: BtrfsVolumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 50 * MEBIBYTE)
        film = volumes.location(PHOTOS) / "film"
        write(film, 4 * MEBIBYTE)
        await volumes.snapshot(PHOTOS, named(1))
        (shared,) = await volumes.snapshots(PHOTOS)
        assert shared.referenced >= 4 * MEBIBYTE > MEBIBYTE > shared.exclusive
        film.unlink()
        await volumes.snapshot(PHOTOS, named(2))
        empty, full = await volumes.snapshots(PHOTOS)
        assert full.referenced >= full.exclusive >= 4 * MEBIBYTE
        assert empty.referenced < MEBIBYTE

    async def test_the_space_of_a_snapshot_is_unknown_without_quotas(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, PHOTOS, "", named(1))
        subprocess.run(["btrfs", "quota", "disable", str(mount)], check=True)
        (snapshot,) = await volumes.snapshots(PHOTOS)
        assert (snapshot.referenced, snapshot.exclusive) == (0, 0)

    async def test_subvolumes_that_a_container_made_hold_nothing_up(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, OLD, "now", named(1))
        for name in ("a", "a/b", f"c\n{named(1)}"):
            nest(volumes.location(OLD), name)
        await volumes.snapshot(OLD, named(2))
        await volumes.copy(OLD, NEW, 0)
        await volumes.restore(OLD, named(2), 0)
        nest(volumes.location(OLD), "again")
        await volumes.move_to_snapshots(OLD, named(3))
        assert await kept(volumes, OLD) == [named(3), named(2), named(1)]
        await volumes.delete(OLD)
        await volumes.delete(NEW)
        assert list((mount / "installed").iterdir()) == []
        assert list((mount / "snapshots").iterdir()) == []

    async def test_foreign_things_among_snapshots_are_not_listed(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, OLD, "now", named(1))
        directory = mount / "snapshots" / str(OLD)
        (directory / "a b").write_text("")
        (directory / str(named(2))).mkdir()
        nest(directory, "mine")
        assert await kept(volumes, OLD) == [named(1)]

    async def test_a_symbolic_link_among_snapshots_is_refused(self, volumes: BtrfsVolumes, mount: Path) -> None:
        await made(volumes, OLD, "now")
        await made(volumes, PHOTOS, "precious", named(1))
        (mount / "snapshots/installed").symlink_to(mount / "snapshots/user")
        (mount / "snapshots/user/core").symlink_to("photos")
        with pytest.raises(Exception, match="not a directory"):
            await volumes.snapshot(OLD, named(1))
        with pytest.raises(Exception, match="not a directory"):
            await volumes.delete(OLD)
        assert await kept(volumes, PHOTOS) == [named(1)]

    async def test_a_cancelled_renaming_leaves_no_snapshot_behind(
        self, volumes: BtrfsVolumes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await made(volumes, OLD, "now", named(1))
        rename_volume = moves.rename_volume

        def rename_and_hang_up(top: int, old: VolumePath, new: VolumePath) -> None:
            rename_volume(top, old, new)
            trio.from_thread.run_sync(scope.cancel)

        monkeypatch.setattr(moves, "rename_volume", rename_and_hang_up)
        with trio.CancelScope() as scope:
            await volumes.rename(OLD, NEW)
        assert scope.cancel_called
        assert await kept(volumes, NEW) == [named(1)]
        assert await kept(volumes, OLD) == []

    async def test_asking_starts_no_child(self, volumes: BtrfsVolumes, monkeypatch: pytest.MonkeyPatch) -> None:
        await made(volumes, OLD, "now", named(1))
        monkeypatch.delattr("townos.storage.btrfs.disk.run")
        assert await volumes.exists(OLD)
        assert not await volumes.is_empty(OLD)
        assert await volumes.get(OLD) == Volume(OLD, 0)
        assert await kept(volumes, OLD) == [named(1)]
        await volumes.snapshot(OLD, named(1))

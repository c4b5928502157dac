"""What every `Volumes` does: the fake in memory, and btrfs."""

import errno
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.btrfs import nest, subvolume_id_at, write
from townos.errors import Conflict, Invalid, NoSpace, NotFound, Unavailable
from townos.limits import QUANTITY_BYTES_MAX, QUOTA_SLACK_BYTES
from townos.names import PackageId, VolumeName
from townos.posix.process import ProcessFailed
from townos.storage.btrfs.disk import Disk
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import ROOTS, Area, VolumePath
from townos.storage.raised_quota import RaisedQuota
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import DiskUsage, Volume, Volumes
from townos.testing.volumes import FakeVolumes

MEBIBYTE = 1024**2
NGINX = PackageId.parse("core", "nginx", "1.0")
DATA = VolumeName.parse("data")
PHOTOS = VolumePath.user("photos")
INSTALLED = VolumePath.installed(NGINX, DATA)
UNINSTALLED = VolumePath.uninstalled(NGINX, DATA)


class TestVolumes:
    """The contract."""

    @pytest.mark.conformance("STO-01", "STO-02")
    async def test_a_created_volume_is_there_with_its_quota(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        assert not await volumes.exists(INSTALLED)
        await volumes.create(INSTALLED, 10 * MEBIBYTE)
        await volumes.create(PHOTOS, 0)
        assert await volumes.exists(INSTALLED)
        assert await volumes.list() == [Volume(INSTALLED, 10 * MEBIBYTE), Volume(PHOTOS, 0)]
        assert await volumes.count() == {Area.USER: 1, Area.INSTALLED: 1, Area.UNINSTALLED: 0}

    async def test_a_quota_can_be_changed_and_lifted(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        for quota in (10 * MEBIBYTE, 20 * MEBIBYTE, 0):
            await volumes.set_quota(PHOTOS, quota)
            assert await volumes.get(PHOTOS) == Volume(PHOTOS, quota)

    async def test_ensure_may_run_again(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        for quota in (0, 10 * MEBIBYTE, 10 * MEBIBYTE):
            await volumes.ensure(INSTALLED, quota)
            assert await volumes.get(INSTALLED) == Volume(INSTALLED, quota)

    async def test_delete_may_run_again(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 10 * MEBIBYTE)
        await volumes.delete(INSTALLED)
        assert await volumes.list() == []
        await volumes.delete(INSTALLED)
        await volumes.create(INSTALLED, 0)
        assert await volumes.list() == [Volume(INSTALLED, 0)]

    @pytest.mark.conformance("STO-02")
    async def test_a_volume_is_renamed_with_its_quota_under_another_root(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 10 * MEBIBYTE)
        await volumes.rename(INSTALLED, UNINSTALLED)
        assert await volumes.list() == [Volume(UNINSTALLED, 10 * MEBIBYTE)]

    async def test_a_quota_below_what_a_volume_holds_can_be_raised_and_lifted(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 0)
        (volumes.location(INSTALLED) / "file").write_bytes(bytes(4 * MEBIBYTE))
        await volumes.set_quota(INSTALLED, MEBIBYTE)
        for quota in (2 * MEBIBYTE, 10 * MEBIBYTE, MEBIBYTE, 0):
            await volumes.commit()
            await volumes.set_quota(INSTALLED, quota)
            assert (await volumes.get(INSTALLED)).quota == quota

    async def test_a_raised_quota_is_lowered_again_whatever_happens(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 10_000_000)
        raised = RaisedQuota(volumes, PHOTOS, 10_000_000)
        async with raised.by(2_000_000):
            assert await volumes.list() == [Volume(PHOTOS, 12_000_000 + QUOTA_SLACK_BYTES)]
        assert await volumes.list() == [Volume(PHOTOS, 10_000_000)]
        with suppress(Conflict):
            async with raised.by(QUANTITY_BYTES_MAX):
                assert await volumes.list() == [Volume(PHOTOS, QUANTITY_BYTES_MAX)]
                raise Conflict("archive.busy")
        assert await volumes.list() == [Volume(PHOTOS, 10_000_000)]

    async def test_a_volume_without_a_quota_gets_none_while_it_is_raised(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        async with RaisedQuota(volumes, PHOTOS, 0).by(2_000_000):
            assert await volumes.list() == [Volume(PHOTOS, 0)]
        assert await volumes.list() == [Volume(PHOTOS, 0)]

    async def test_an_unknown_volume_is_not_found(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(NotFound, match="photos"):
            await volumes.get(PHOTOS)
        with pytest.raises(NotFound):
            await volumes.set_quota(PHOTOS, 1)
        with pytest.raises(NotFound):
            await volumes.rename(PHOTOS, VolumePath.user("pictures"))
        assert await volumes.list() == []

    async def test_a_taken_path_is_a_conflict(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        await volumes.create(VolumePath.user("music/new"), 0)
        for taken in ("photos", "music"):
            with pytest.raises(Conflict, match=f"{taken} already exists"):
                await volumes.create(VolumePath.user(taken), 0)
        with pytest.raises(Conflict):
            await volumes.rename(PHOTOS, VolumePath.user("music/new"))
        assert len(await volumes.list()) == 2

    async def test_a_volume_cannot_be_created_inside_a_volume(self, volumes: Volumes) -> None:
        """The volume above stays, though it is empty and its cleaning up is near."""
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        with pytest.raises(Conflict, match="photos is a volume itself"):
            await volumes.create(VolumePath.user("photos/a/b"), 0)
        assert await volumes.list() == [Volume(PHOTOS, 0)]

    async def test_the_roots_may_be_made_again(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.ensure_roots()
        assert await volumes.list() == []

    async def test_no_volume_is_created_before_the_roots(self, volumes: Volumes) -> None:
        with pytest.raises(Unavailable):
            await volumes.create(PHOTOS, 0)

    @pytest.mark.conformance("STO-06")
    async def test_usage_adds_up(self, volumes: Volumes) -> None:
        usage = await volumes.usage()
        assert 0 < usage.available <= usage.total - usage.used < usage.total


class TestNoDisk:
    """Without the disk there is nothing, and nothing can be made."""

    @pytest.fixture(params=["fake", "real"])
    def volumes(self, request: pytest.FixtureRequest, tmp_path: Path) -> Volumes:
        if request.param == "real":
            return BtrfsVolumes(tmp_path / "missing")
        fake = FakeVolumes(tmp_path)
        fake.mounted = False
        return fake

    @pytest.mark.conformance("STO-04")
    async def test_the_list_is_empty(self, volumes: Volumes) -> None:
        assert await volumes.list() == []
        assert await volumes.count() == dict.fromkeys(Area, 0)
        assert await volumes.usage() == DiskUsage(0, 0, 0)

    async def test_changes_are_unavailable(self, volumes: Volumes) -> None:
        with pytest.raises(Unavailable):
            await volumes.ensure_roots()
        with pytest.raises(Unavailable):
            await volumes.create(PHOTOS, 0)
        with pytest.raises(Unavailable):
            await volumes.exists(PHOTOS)
        with pytest.raises(Unavailable):
            await volumes.commit()


def groups(mount: Path) -> set[str]:
    """Return the quota groups that the disk has, by their numbers."""
    argv = ["btrfs", "qgroup", "show", "--raw", str(mount)]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in shown.splitlines() if line.startswith("0/")}


def lose_count(mount: Path, subvolume: int) -> None:
    """Do by hand what makes the kernel lose count: put a group that shares something into another one."""
    for arguments in (["create", "1/0"], ["assign", "--no-rescan", f"0/{subvolume}", "1/0"]):
        subprocess.run(["btrfs", "qgroup", *arguments, str(mount)], check=False, capture_output=True)


def has_lost_count(mount: Path) -> bool:
    """Tell whether btrfs-progs warn that the numbers may be wrong."""
    subprocess.run(["sync", "--file-system", str(mount)], check=True)
    shown = subprocess.run(["btrfs", "qgroup", "show", str(mount)], capture_output=True, text=True, check=True)
    return "inconsistent" in shown.stderr


async def test_another_file_system_is_no_disk(tmp_path: Path) -> None:
    volumes = BtrfsVolumes(Path("/proc"))
    assert await volumes.list() == []
    with pytest.raises(Unavailable, match="no btrfs volume at /proc"):
        await volumes.ensure_roots()


@pytest.mark.bed
class TestBtrfs:
    """What only the real disk can show."""

    @pytest.mark.conformance("STO-13", "STO-09")
    async def test_the_roots_are_subvolumes(self, mount: Path) -> None:
        await BtrfsVolumes(mount).ensure_roots()
        assert sorted(path.name for path in mount.iterdir()) == sorted(ROOTS)
        assert all((mount / name).stat().st_ino == 256 for name in ROOTS)

    async def test_nobody_but_root_reaches_a_program_that_a_container_left_behind(self, mount: Path) -> None:
        nest(mount, "user")  # as older versions made it
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        for path in (PHOTOS, INSTALLED):
            await volumes.create(path, 0)
            program = volumes.location(path) / "become-root"
            shutil.copy("/bin/true", program)
            program.chmod(0o4755)
            with pytest.raises(PermissionError):
                subprocess.run([program.relative_to(mount)], cwd=mount, user=65_534, group=65_534, extra_groups=[])
            subprocess.run([program.relative_to(mount)], cwd=mount, check=True)

    @pytest.mark.conformance("STO-01")
    async def test_a_write_beyond_the_quota_fails(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 2 * MEBIBYTE)
        with pytest.raises(OSError, match="quota") as caught:
            write(volumes.location(PHOTOS) / "film", 8 * MEBIBYTE)
        assert caught.value.errno == errno.EDQUOT
        await volumes.set_quota(PHOTOS, 0)
        write(volumes.location(PHOTOS) / "film", 8 * MEBIBYTE)

    async def test_a_quota_below_the_use_deletes_nothing_and_admits_nothing(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        film = volumes.location(PHOTOS) / "film"
        write(film, 8 * MEBIBYTE)
        await volumes.set_quota(PHOTOS, 2 * MEBIBYTE)
        assert film.stat().st_size == 8 * MEBIBYTE
        with pytest.raises(OSError, match="quota") as caught:
            write(volumes.location(PHOTOS) / "more", MEBIBYTE)
        assert caught.value.errno == errno.EDQUOT
        film.unlink()
        await volumes.commit()
        write(volumes.location(PHOTOS) / "less", MEBIBYTE)

    async def test_the_use_of_a_volume_is_counted_without_a_quota(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        write(volumes.location(PHOTOS) / "film", 4 * MEBIBYTE)
        await volumes.snapshot(PHOTOS, SnapshotId.parse("20261124T184500.000000Z-user"))
        await volumes.create(INSTALLED, 0)
        empty, photos = await volumes.list()
        assert (photos.path, empty.path) == (PHOTOS, INSTALLED)
        assert photos.referenced >= 4 * MEBIBYTE > MEBIBYTE > photos.exclusive  # the snapshot holds the film too
        assert empty.referenced < MEBIBYTE
        seen = await volumes.get(PHOTOS)
        assert (seen.referenced, seen.exclusive) == (photos.referenced, photos.exclusive)

    async def test_a_disk_that_cannot_count_still_has_volumes(
        self, mount: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def refuse(_: Disk) -> None:
            raise NoSpace("storage.full", 0, 1)

        monkeypatch.setattr(Disk, "enable_quotas", refuse)
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        assert "what volumes use is not known" in caplog.text
        await volumes.create(PHOTOS, 0)
        assert [(one.quota, one.referenced, one.exclusive) for one in await volumes.list()] == [(0, 0, 0)]

    async def test_content_moves_with_its_volume(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 0)
        (volumes.location(INSTALLED) / "index.html").write_text("hello")
        await volumes.rename(INSTALLED, UNINSTALLED)
        assert (volumes.location(UNINSTALLED) / "index.html").read_text() == "hello"

    async def test_only_leaves_are_subvolumes_and_empty_directories_are_deleted(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 0)
        other = VolumePath.installed(NGINX, VolumeName.parse("other"))
        await volumes.create(other, 0)
        assert (mount / "installed/core/nginx/1.0").stat().st_ino != 256
        await volumes.delete(INSTALLED)
        assert [path.name for path in (mount / "installed/core/nginx/1.0").iterdir()] == ["other"]
        await volumes.rename(other, VolumePath.uninstalled(NGINX, VolumeName.parse("other")))
        assert list((mount / "installed").iterdir()) == []

    async def test_the_kernel_counts_again_where_it_has_lost_count(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 10 * MEBIBYTE)
        write(volumes.location(PHOTOS) / "film", 2 * MEBIBYTE)
        await volumes.snapshot(PHOTOS, SnapshotId.parse("20261124T184500.000000Z-user"))
        lose_count(mount, subvolume_id_at(volumes.location(PHOTOS)))
        assert has_lost_count(mount)
        await volumes.count_again()
        wait = ["btrfs", "quota", "rescan", "--wait-norescan", str(mount)]
        subprocess.run(wait, check=True, capture_output=True, timeout=60)
        assert not has_lost_count(mount)
        assert 2 * MEBIBYTE <= (await volumes.get(PHOTOS)).referenced < 3 * MEBIBYTE

    async def test_a_deleted_volume_takes_its_quota_group_and_those_of_its_snapshots_along(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        before = groups(mount)
        await volumes.create(PHOTOS, 2 * MEBIBYTE)
        for second in range(3):
            await volumes.snapshot(PHOTOS, SnapshotId.parse(f"20261124T18450{second}.000000Z-user"))
        assert len(groups(mount)) == len(before) + 4
        await volumes.delete(PHOTOS)
        subprocess.run(["btrfs", "subvolume", "sync", str(mount)], check=True, capture_output=True, timeout=60)
        await volumes.ensure_roots()
        assert groups(mount) == before

    async def test_a_volume_with_subvolumes_inside_is_deleted_whole(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        for name in ("a", "a/b", "a/b/c", "d"):
            nest(volumes.location(PHOTOS), name)
        await volumes.delete(PHOTOS)
        assert list((mount / "user").iterdir()) == []

    async def test_names_made_inside_a_volume_delete_no_other_volume(self, mount: Path) -> None:
        """A container chooses the names of subvolumes in its volume, line breaks included."""
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 10 * MEBIBYTE)
        (volumes.location(PHOTOS) / "holiday").write_text("precious")
        await volumes.create(INSTALLED, 0)
        photos, own = (subvolume_id_at(volumes.location(path)) for path in (PHOTOS, INSTALLED))
        for name in (
            f"a\nID {photos} gen 1 top level {own} path z",
            f"b\nID {own} gen 1 top level {own + 1} path z",  # a ring
            f"c\n0/{photos} 1 1 1 path",
            "\n",
            "\xff" * 100,
        ):
            nest(volumes.location(INSTALLED), name)
            nest(volumes.location(INSTALLED) / name, f"d\nID {photos} gen 1 top level {own} path z")
        assert await volumes.get(PHOTOS) == Volume(PHOTOS, 10 * MEBIBYTE)
        await volumes.delete(INSTALLED)
        assert await volumes.list() == [Volume(PHOTOS, 10 * MEBIBYTE)]
        assert (volumes.location(PHOTOS) / "holiday").read_text() == "precious"

    async def test_a_volume_with_many_and_deep_subvolumes_inside_is_deleted_whole(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(INSTALLED, 0)
        for number in range(30):
            nest(volumes.location(INSTALLED), f"{number:0200}")
        inside = volumes.location(INSTALLED)
        for _ in range(30):
            nest(inside, "d")
            inside /= "d"
        await volumes.delete(INSTALLED)
        assert list((mount / "installed").iterdir()) == []

    @pytest.mark.parametrize("link_at", ["installed/core", "installed/core/nginx", "installed/core/nginx/1.0/data"])
    async def test_symbolic_links_in_a_path_are_refused(self, mount: Path, link_at: str) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        elsewhere = mount / "elsewhere"
        elsewhere.mkdir()
        link = mount / link_at
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(elsewhere)
        for attempt in (
            volumes.create(INSTALLED, 0),
            volumes.exists(INSTALLED),
            volumes.delete(INSTALLED),
            volumes.rename(INSTALLED, UNINSTALLED),
        ):
            with pytest.raises((Invalid, Conflict)):
                await attempt
        assert list(elsewhere.iterdir()) == []
        assert await volumes.list() == []

    async def test_a_failed_limit_leaves_no_volume(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        with pytest.raises(ProcessFailed):
            await volumes.create(INSTALLED, 2**64)  # more than the program can read
        assert await volumes.list() == []
        assert list((mount / "installed").iterdir()) == []

    async def test_foreign_files_beside_volumes_are_not_listed(self, mount: Path) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        (mount / "user" / "plain").mkdir()
        (mount / "user" / "a file").write_text("")
        (mount / "user" / "a b").mkdir()
        (mount / "user" / "link").symlink_to(mount / "user" / "photos")
        assert await volumes.list() == [Volume(PHOTOS, 0)]
        assert sum((await volumes.count()).values()) == 1

    async def test_counting_and_listing_start_no_child(self, mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 10 * MEBIBYTE)
        monkeypatch.delattr("townos.storage.btrfs.disk.run")
        assert await volumes.list() == [Volume(PHOTOS, 10 * MEBIBYTE)]
        assert (await volumes.count())[Area.USER] == 1

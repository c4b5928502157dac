"""Filling a volume before it is seen, and adding files to one whose content is anybody's."""

import os
import subprocess
from pathlib import Path
from stat import S_IMODE

import pytest
import trio

from tests.support.btrfs import nest, write
from townos.errors import Conflict, Invalid, NoSpace, NotFound
from townos.names import InnerPath
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volume, Volumes

MEBIBYTE = 1024**2
PHOTOS = VolumePath.user("photos")
CONF = InnerPath.parse("etc/app/app.conf")
NOBODY = (65_534, 65_534)


class TestStaged:
    """A volume appears filled, or not at all."""

    @pytest.mark.parametrize("there", [True, False])
    async def test_filled_content_replaces_the_empty_volume(self, volumes: Volumes, there: bool) -> None:
        await volumes.ensure_roots()
        if there:
            await volumes.create(PHOTOS, 0)
        async with volumes.staged(PHOTOS, 10 * MEBIBYTE) as directory:
            assert list(directory.iterdir()) == []
            (directory / "seed").write_text("seeded")
            (directory / "link").symlink_to("/etc/passwd")
            assert await volumes.exists(PHOTOS) is there
        assert await volumes.list() == [Volume(PHOTOS, 10 * MEBIBYTE)]
        assert (volumes.location(PHOTOS) / "seed").read_text() == "seeded"
        assert (volumes.location(PHOTOS) / "link").readlink() == Path("/etc/passwd")
        assert not directory.exists()

    async def test_a_volume_that_is_being_filled_is_not_visible(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        async with volumes.staged(PHOTOS, 0):
            assert await volumes.list() == []
            assert sum((await volumes.count()).values()) == 0

    async def test_a_volume_that_is_no_longer_empty_is_left_alone(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 5 * MEBIBYTE)
        with pytest.raises(Conflict, match="photos is not empty"):
            async with volumes.staged(PHOTOS, 0):
                (volumes.location(PHOTOS) / "photo").write_text("precious")
        assert await volumes.list() == [Volume(PHOTOS, 5 * MEBIBYTE)]
        assert [path.name for path in volumes.location(PHOTOS).iterdir()] == ["photo"]

    async def test_a_place_that_is_taken_is_a_conflict(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(VolumePath.user("photos/new"), 0)
        with pytest.raises(Conflict):
            async with volumes.staged(PHOTOS, 0) as directory:
                (directory / "seed").write_text("seeded")
        assert not directory.exists()

    async def test_an_error_leaves_nothing(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(ZeroDivisionError):
            async with volumes.staged(PHOTOS, 0) as directory:
                raise ZeroDivisionError
        assert await volumes.list() == []
        assert not directory.exists()

    async def test_cancelling_leaves_nothing(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with trio.CancelScope() as scope:
            async with volumes.staged(PHOTOS, 0) as directory:
                scope.cancel()
                await trio.lowlevel.checkpoint()
        assert scope.cancelled_caught
        assert await volumes.list() == []
        assert not directory.exists()

    async def test_several_are_filled_at_once(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        other = VolumePath.user("music")
        async with volumes.staged(PHOTOS, 0) as one, volumes.staged(other, 0) as another:
            assert one != another
            await volumes.ensure_roots()  # sweeps what crashes have left
            (one / "photo").write_text("")
        assert [path.name for path in volumes.location(PHOTOS).iterdir()] == ["photo"]
        assert await volumes.is_empty(other)


class TestEmpty:
    """Nothing at all is in it."""

    async def test_a_hidden_file_is_something(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        assert await volumes.is_empty(PHOTOS)
        (volumes.location(PHOTOS) / ".hidden").symlink_to("nowhere")
        assert not await volumes.is_empty(PHOTOS)

    async def test_a_missing_volume_is_not_empty(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(NotFound):
            await volumes.is_empty(PHOTOS)


class TestAddedFiles:
    """Files that a package brings."""

    @pytest.fixture
    async def top(self, volumes: Volumes) -> Path:
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 0)
        return volumes.location(PHOTOS)

    async def test_a_file_comes_with_the_directories_above_it(self, volumes: Volumes, top: Path) -> None:
        assert await volumes.add_file(PHOTOS, CONF, b"port=80\n", None)
        assert (top / "etc/app/app.conf").read_bytes() == b"port=80\n"
        modes = {str(path.relative_to(top)): S_IMODE(path.stat().st_mode) for path in top.rglob("*")}
        assert modes == {"etc": 0o750, "etc/app": 0o750, "etc/app/app.conf": 0o600}

    async def test_directories_that_are_there_stay_as_they_are(self, volumes: Volumes, top: Path) -> None:
        (top / "etc").mkdir()
        (top / "etc").chmod(0o775)
        assert await volumes.add_file(PHOTOS, CONF, b"", None)
        assert S_IMODE((top / "etc").stat().st_mode) == 0o775

    async def test_a_file_that_is_there_is_kept(self, volumes: Volumes, top: Path) -> None:
        assert await volumes.add_file(PHOTOS, CONF, b"mine", None)
        assert not await volumes.add_file(PHOTOS, CONF, b"theirs", None)
        assert (top / "etc/app/app.conf").read_bytes() == b"mine"
        assert [path.name for path in (top / "etc/app").iterdir()] == ["app.conf"]

    @pytest.mark.parametrize("kind", ["directory", "link", "dangling link", "pipe"])
    async def test_an_existing_file_is_not_replaced(
        self, volumes: Volumes, top: Path, tmp_path: Path, kind: str
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        (top / "etc/app").mkdir(parents=True)
        target = top / "etc/app/app.conf"
        if kind == "directory":
            target.mkdir()
        elif kind == "pipe":
            os.mkfifo(target)
        else:
            target.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.write_text("precious")
        before = target.lstat()
        assert not await volumes.add_file(PHOTOS, CONF, b"hostile", None)
        assert target.lstat().st_ino == before.st_ino
        assert kind != "dangling link" or not elsewhere.exists()
        assert kind != "link" or elsewhere.read_text() == "precious"

    @pytest.mark.parametrize("kind", ["link", "relative link", "dangling link", "file", "pipe"])
    async def test_an_obstacle_that_is_no_directory_is_named(
        self, volumes: Volumes, top: Path, tmp_path: Path, kind: str
    ) -> None:
        elsewhere, link = tmp_path / "elsewhere", top / "etc/app"
        targets = {"link": str(elsewhere), "relative link": "../real", "dangling link": "nowhere"}
        for directory in (elsewhere, top / "etc", top / "real"):
            directory.mkdir()
        if kind == "file":
            link.write_text("")
        elif kind == "pipe":
            os.mkfifo(link)
        else:
            link.symlink_to(targets[kind])
        with pytest.raises(Invalid, match="etc/app in the volume photos is not a directory"):
            await volumes.add_file(PHOTOS, CONF, b"hostile", None)
        assert list(elsewhere.iterdir()) == list((top / "real").iterdir()) == []

    async def test_a_full_volume_is_told_and_gets_nothing(self, volumes: Volumes, top: Path) -> None:
        await volumes.set_quota(PHOTOS, 2 * MEBIBYTE)
        with pytest.raises(NoSpace, match="photos: its quota of 2 MB is used up"):
            await volumes.add_file(PHOTOS, CONF, os.urandom(8 * MEBIBYTE), None)
        assert list(top.iterdir()) == []

    async def test_a_missing_volume_cannot_be_filled(self, volumes: Volumes) -> None:
        await volumes.ensure_roots()
        with pytest.raises(NotFound):
            await volumes.add_file(VolumePath.user("music"), CONF, b"", None)


@pytest.mark.bed
class TestBtrfs:
    """What only the real disk can show."""

    @pytest.fixture
    async def volumes(self, mount: Path) -> BtrfsVolumes:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        return volumes

    async def test_the_quota_holds_from_the_first_byte(self, volumes: BtrfsVolumes) -> None:
        with pytest.raises(OSError, match="quota"):
            async with volumes.staged(PHOTOS, 2 * MEBIBYTE) as directory:
                write(directory / "film", 8 * MEBIBYTE)
        assert await volumes.list() == []

    async def test_only_root_reaches_a_volume_that_is_being_filled(self, volumes: BtrfsVolumes, mount: Path) -> None:
        async with volumes.staged(PHOTOS, 0) as directory:
            look = ["stat", str(directory.relative_to(mount))]
            assert subprocess.run(look, cwd=mount).returncode == 0
            assert subprocess.run(look, cwd=mount, user=65_534, group=65_534, extra_groups=[]).returncode == 1

    async def test_subvolumes_inside_abandoned_content_are_deleted(self, volumes: BtrfsVolumes, mount: Path) -> None:
        """A process that was killed in the middle has left a staged volume."""
        left = mount / "snapshots/.staging/0123456789abcdef"
        left.parent.mkdir()
        subprocess.run(["btrfs", "subvolume", "create", left], check=True, capture_output=True)
        nest(left, "a/b")
        await BtrfsVolumes(mount).ensure_roots()
        assert list((mount / "snapshots").iterdir()) == []
        assert await volumes.list() == []

    async def test_the_owner_gets_the_file_and_the_new_directories(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 0)
        top = volumes.location(PHOTOS)
        (top / "etc").mkdir()
        assert await volumes.add_file(PHOTOS, CONF, b"", NOBODY)
        owners = {str(path.relative_to(top)): (path.stat().st_uid, path.stat().st_gid) for path in top.rglob("*")}
        assert owners == {"etc": (0, 0), "etc/app": NOBODY, "etc/app/app.conf": NOBODY}

    async def test_a_directory_that_a_crash_left_unfinished_is_finished(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 0)
        etc = volumes.location(PHOTOS) / "etc"
        etc.mkdir(0o1700)
        assert await volumes.add_file(PHOTOS, CONF, b"", NOBODY)
        assert (etc.stat().st_uid, S_IMODE(etc.stat().st_mode)) == (65_534, 0o750)

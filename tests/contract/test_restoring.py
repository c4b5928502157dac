"""One path of a volume goes back to what a snapshot holds, on a full disk and after power cuts."""

import errno
import os
import subprocess
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.support.btrfs import after_power_cut, nest, write
from tests.support.trees import inside, look
from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.names import InnerPath
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.history.path_restore import PathRestore
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason

pytestmark = pytest.mark.bed

MEBIBYTE = 1024**2
PHOTOS = VolumePath.user("photos")
TAKEN, BEFORE = (SnapshotId.make(datetime(2026, 11, 24, hour, tzinfo=UTC), SnapshotReason.USER) for hour in (1, 2))
FILM, ALBUM = InnerPath.parse("film"), InnerPath.parse("album/2026")
_GET_FLAGS, _SET_FLAGS, _NO_COPY_ON_WRITE = 0x80086601, 0x40086602, 0x00800000


@pytest.fixture
async def volumes(mount: Path) -> BtrfsVolumes:
    """A volume with a film of 8 MiB and an album, and a snapshot of both."""
    volumes = BtrfsVolumes(mount)
    await volumes.ensure_roots()
    await volumes.create(PHOTOS, 0)
    place = volumes.location(PHOTOS)
    write(place / "film", 8 * MEBIBYTE)
    (place / "album" / "2026").mkdir(parents=True)
    for number in range(20):
        (place / "album" / "2026" / str(number)).write_text("old")
    await volumes.snapshot(PHOTOS, TAKEN)
    return volumes


async def restored(volumes: BtrfsVolumes, path: InnerPath, quota: int = 0) -> None:
    returning = PathRestore(volumes, PHOTOS, path, quota)
    await volumes.snapshot(PHOTOS, BEFORE)
    await returning.require_room(TAKEN, BEFORE)
    await returning.prepare(TAKEN)
    await returning.swap()
    await returning.clear()


def at(volumes: BtrfsVolumes, path: InnerPath, snapshot: SnapshotId | None = None) -> Path:
    top = volumes.snapshot_location(PHOTOS, snapshot) if snapshot else volumes.location(PHOTOS)
    return top.joinpath(*path.parts)


def no_room_left(directory: Path) -> None:
    """Fill whatever there is, so that not even a small file fits."""
    for size in (MEBIBYTE, 65_536):
        with suppress(OSError):
            for number in range(1_000):
                write(directory / f"filler-{size}-{number}", size)
    with pytest.raises(OSError, match=r"space|quota"):
        write(directory / "more", MEBIBYTE)


async def test_a_restored_path_shares_its_content_with_the_snapshot(volumes: BtrfsVolumes) -> None:
    at(volumes, FILM).unlink()
    await volumes.commit()
    before = (await volumes.usage()).used
    await restored(volumes, FILM)
    assert at(volumes, FILM).read_bytes() == at(volumes, FILM, TAKEN).read_bytes()
    assert (await volumes.usage()).used - before < 2 * MEBIBYTE


async def test_a_full_volume_can_be_restored(volumes: BtrfsVolumes) -> None:
    quota = 12 * MEBIBYTE
    await volumes.set_quota(PHOTOS, quota)
    write(at(volumes, FILM), 8 * MEBIBYTE)
    no_room_left(volumes.location(PHOTOS))
    with pytest.raises(OSError, match="quota") as caught:
        (volumes.location(PHOTOS) / "name").mkdir()
    assert caught.value.errno == errno.EDQUOT
    for path in (FILM, ALBUM):
        await volumes.delete_snapshot(PHOTOS, BEFORE)
        await restored(volumes, path, quota)
    assert at(volumes, FILM).read_bytes() == at(volumes, FILM, TAKEN).read_bytes()
    assert inside(at(volumes, ALBUM)) == inside(at(volumes, ALBUM, TAKEN))
    assert (await volumes.get(PHOTOS)).quota == quota
    with pytest.raises(OSError, match="quota"):
        write(volumes.location(PHOTOS) / "again", 8 * MEBIBYTE)


async def test_a_restoration_that_needs_no_more_space_ignores_a_lowered_quota(
    volumes: BtrfsVolumes,
) -> None:
    write(at(volumes, FILM), 8 * MEBIBYTE)
    quota = 4 * MEBIBYTE
    await volumes.set_quota(PHOTOS, quota)
    await restored(volumes, FILM, quota)
    assert at(volumes, FILM).read_bytes() == at(volumes, FILM, TAKEN).read_bytes()
    assert (await volumes.get(PHOTOS)).quota == quota


async def test_a_restoration_beyond_the_quota_is_refused_with_the_numbers(volumes: BtrfsVolumes) -> None:
    quota = 12 * MEBIBYTE
    await volumes.set_quota(PHOTOS, quota)
    at(volumes, FILM).rename(volumes.location(PHOTOS) / "renamed")
    before = inside(volumes.location(PHOTOS))
    with pytest.raises(NoSpace) as caught:
        await restored(volumes, FILM, quota)
    needed, room = caught.value.params
    assert isinstance(needed, Bytes)
    assert isinstance(room, Bytes)
    assert needed.count >= 8 * MEBIBYTE > 4 * MEBIBYTE >= room.count > 2 * MEBIBYTE
    assert inside(volumes.location(PHOTOS)) == before


@pytest.mark.parametrize("quota", [0, 50 * MEBIBYTE])
@pytest.mark.parametrize("path", [FILM, ALBUM])
async def test_a_volume_can_be_restored_on_a_full_disk(volumes: BtrfsVolumes, path: InnerPath, quota: int) -> None:
    other = VolumePath.user("other")
    await volumes.create(other, 0)
    await volumes.set_quota(PHOTOS, quota)
    at(volumes, FILM).write_bytes(b"spoiled" * 100_000)
    no_room_left(volumes.location(other))
    await restored(volumes, path, quota)
    assert look(at(volumes, path)) == look(at(volumes, path, TAKEN))
    await volumes.restore(PHOTOS, TAKEN, quota)
    assert inside(volumes.location(PHOTOS)) == inside(volumes.snapshot_location(PHOTOS, TAKEN))


async def test_a_file_that_is_written_in_place_stays_so_and_shares_its_content(volumes: BtrfsVolumes) -> None:
    database = InnerPath.parse("database")
    at(volumes, database).mkdir()
    with opened(at(volumes, database)) as descriptor:
        ioctl(descriptor, _SET_FLAGS, array("i", [_NO_COPY_ON_WRITE]))
    write(at(volumes, database) / "pages", 8 * MEBIBYTE)
    await volumes.delete_snapshot(PHOTOS, TAKEN)
    await volumes.snapshot(PHOTOS, TAKEN)
    (at(volumes, database) / "pages").unlink()
    before = (await volumes.usage()).used
    await restored(volumes, database)
    for path in (at(volumes, database), at(volumes, database) / "pages"):
        with opened(path) as descriptor:
            flags = array("i", [0])
            ioctl(descriptor, _GET_FLAGS, flags)
            assert flags[0] & _NO_COPY_ON_WRITE
    assert inside(at(volumes, database)) == inside(at(volumes, database, TAKEN))
    assert (await volumes.usage()).used - before < 2 * MEBIBYTE


async def test_subvolumes_of_an_application_do_not_hinder_a_restore(volumes: BtrfsVolumes) -> None:
    nest(at(volumes, ALBUM), "inside")
    nest(at(volumes, ALBUM) / "inside", "deeper")
    await restored(volumes, ALBUM)
    assert inside(at(volumes, ALBUM)) == inside(at(volumes, ALBUM, TAKEN))
    at(volumes, FILM).unlink()
    nest(volumes.location(PHOTOS), "film")
    await volumes.delete_snapshot(PHOTOS, BEFORE)
    await restored(volumes, FILM)
    assert look(at(volumes, FILM)) == look(at(volumes, FILM, TAKEN))


async def test_a_replaced_tree_of_any_depth_is_deleted(volumes: BtrfsVolumes) -> None:
    subprocess.run(
        ["python3", "-c", "import os\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')"],
        cwd=at(volumes, ALBUM),
        check=True,
    )
    await restored(volumes, ALBUM)
    assert sorted(path.name for path in volumes.location(PHOTOS).iterdir()) == ["album", "film"]


@pytest.mark.parametrize("done", ["prepare", "swap", "clear"])
@pytest.mark.parametrize("missing", [False, True])
async def test_a_restore_is_resumed_after_a_power_cut(
    volumes: BtrfsVolumes, mount: Path, done: str, missing: bool
) -> None:
    place = at(volumes, ALBUM)
    place.rename(place.with_name("moved")) if missing else (place / "new").touch()
    await volumes.snapshot(PHOTOS, BEFORE)
    returning = PathRestore(volumes, PHOTOS, ALBUM, 0)
    await returning.prepare(TAKEN)
    if done != "prepare":
        await returning.swap()
    if done == "clear":
        await returning.clear()
    with after_power_cut(mount) as cut:
        later = BtrfsVolumes(cut)
        await later.ensure_roots()
        going_on = PathRestore(later, PHOTOS, ALBUM, 0)
        if done == "prepare":
            await going_on.swap()
        await going_on.clear()
        assert inside(at(later, ALBUM)) == inside(at(later, ALBUM, TAKEN))
        assert not (later.location(PHOTOS) / ".town-os-restore").exists()


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)

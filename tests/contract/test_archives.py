"""Archives into and out of volumes: plain directories, and real btrfs with its quotas."""

import io
import os
import tarfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.archive_appliance import NGINX
from tests.support.archives import COMPRESSED, hard_link, in_pieces, member, packed, symlink
from tests.support.trees import tree
from townos.errors import Invalid, NoSpace, NotFound, TownError
from townos.storage.archives.downloads import Download, Downloads
from townos.storage.archives.formats import ArchiveFormat
from townos.storage.archives.merging import merge, roll_back
from townos.storage.archives.uploads import Upload, Uploads, nobody
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.storage.volumes import Volumes
from townos.systemd.manager import JobFailed
from townos.systemd.services import SystemdServices
from townos.testing.clock import FakeClock
from townos.testing.operations import running_operations
from townos.testing.settings import FakeSettings
from townos.testing.systemd import FINE, FakeSystemd
from townos.testing.volumes import FakeVolumes

MEBIBYTE = 1024**2
PHOTOS, OTHER = VolumePath.user("photos"), VolumePath.user("other")


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
async def volumes(request: pytest.FixtureRequest, tmp_path: Path) -> Volumes:
    real = request.param == "real"
    volumes = BtrfsVolumes(request.getfixturevalue("mount")) if real else FakeVolumes(tmp_path)
    await volumes.ensure_roots()
    return volumes


async def upload(
    volumes: Volumes,
    content: bytes | AsyncGenerator[bytes, None],
    name: str = "a.tar",
    most: int = 64 * MEBIBYTE,
    on_received: Callable[[], None] = nobody,
    *,
    systemd: FakeSystemd | None = None,
) -> None:
    settings = FakeSettings()
    settings.numbers["max_archive_size"] = most
    pieces = in_pieces(content) if isinstance(content, bytes) else content
    services = SystemdServices(systemd or FakeSystemd())
    wanted = Upload(PHOTOS, name, service=NGINX.unit if systemd else None)
    refusal = None
    with TemporaryDirectory() as directory:
        async with running_operations(Path(directory) / "db") as operations, aclosing(pieces) as source:
            space = SpaceGuard(volumes.usage, settings)
            uploads = Uploads(volumes, services, settings, FakeClock(), operations, space=space)
            try:
                await uploads.put(wanted, source, on_received=on_received)
            except TownError as error:
                refusal = error
    if refusal is not None:
        raise refusal


async def prepare_to_fill(volumes: BtrfsVolumes) -> Path:
    """Make a volume with a file, and another one; return a path in that."""
    await volumes.create(PHOTOS, 0)
    (volumes.location(PHOTOS) / "old").write_bytes(b"old")
    await volumes.create(OTHER, 0)
    return volumes.location(OTHER) / "filler"


def fill(filler: Path) -> None:
    """Leave nothing of a disk."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(os.urandom(65_536))


def names(volumes: Volumes) -> list[str]:
    return sorted(path.name for path in volumes.location(PHOTOS).iterdir())


def staged(volumes: Volumes) -> list[Path]:
    """Return what is set aside at the moment."""
    root = volumes.location(PHOTOS).parent.parent
    return [*root.glob("snapshots/.staging/*"), *root.glob(".staged-*")]


class TestAside:
    """Directories beside the volumes."""

    async def test_a_scratch_directory_is_empty_unlisted_and_deleted_in_the_end(self, volumes: Volumes) -> None:
        async with volumes.scratch(10 * MEBIBYTE) as scratch:
            assert list(scratch.path.iterdir()) == []
            (scratch.path / "file").write_bytes(b"x")
            assert await volumes.list() == []
        assert not scratch.path.exists()
        assert staged(volumes) == []

    async def test_a_scratch_directory_is_deleted_after_an_error(self, volumes: Volumes) -> None:
        with pytest.raises(ZeroDivisionError):
            async with volumes.scratch(0) as scratch:
                raise ZeroDivisionError
        assert not scratch.path.exists()

    async def test_a_kept_staging_directory_stays_until_it_is_discarded(self, volumes: Volumes) -> None:
        async with volumes.scratch(0) as scratch:
            (scratch.path / "file").write_bytes(b"x")
            scratch.kept = True
        assert volumes.scratch_location(scratch.name) == scratch.path
        assert (scratch.path / "file").read_bytes() == b"x"
        await volumes.ensure_roots()
        assert scratch.path.exists()  # this process may still go on with it
        for _ in range(2):
            await volumes.discard_scratch(scratch.name)
        assert staged(volumes) == []

    @pytest.mark.parametrize("claimed", [True, False])
    async def test_a_scratch_directory_is_deleted_at_start_unless_it_is_still_used(
        self, claimed: bool, volumes: Volumes
    ) -> None:
        async with volumes.scratch(0) as scratch:
            scratch.kept = True
        restarted = type(volumes)(volumes.location(PHOTOS).parent.parent)  # type: ignore[call-arg]
        await restarted.ensure_roots({scratch.name} if claimed else ())
        assert scratch.path.exists() is claimed

    @pytest.mark.parametrize("name", ["..", "../user", "", "0123456789abcdef/x"])
    async def test_names_of_scratch_directories_lead_nowhere_else(self, name: str, volumes: Volumes) -> None:
        with pytest.raises(Invalid):
            volumes.scratch_location(name)
        with pytest.raises(Invalid):
            await volumes.discard_scratch(name)

    async def test_a_frozen_volume_does_not_change(self, volumes: Volumes) -> None:
        await volumes.create(PHOTOS, 10 * MEBIBYTE)
        file = volumes.location(PHOTOS) / "file"
        file.write_bytes(b"before")
        async with volumes.frozen(PHOTOS) as frozen:
            file.write_bytes(b"after")
            assert (frozen / "file").read_bytes() == b"before"
            assert [one.path for one in await volumes.list()] == [PHOTOS]
        assert staged(volumes) == []

    async def test_a_missing_volume_cannot_be_frozen(self, volumes: Volumes) -> None:
        with pytest.raises(NotFound):
            async with volumes.frozen(PHOTOS):
                pytest.fail("there is nothing")

    async def test_several_are_there_at_a_time(self, volumes: Volumes) -> None:
        async with volumes.scratch(0) as one, volumes.scratch(0) as other:
            (one.path / "file").touch()
            await volumes.create(PHOTOS, 0)
            assert list(other.path.iterdir()) == []


class TestUploads:
    """What becomes of a volume."""

    @pytest.mark.conformance("ARC-03")
    @pytest.mark.parametrize("name", ["files.tar", "files.tar.gz", "files.tar.bz2", "files.tar.xz"])
    async def test_an_upload_arrives_where_a_running_program_sees_it(self, name: str, volumes: Volumes) -> None:
        await volumes.create(PHOTOS, 50 * MEBIBYTE)
        inside = os.open(volumes.location(PHOTOS), os.O_RDONLY)
        try:
            stream = packed(
                member("d/a", b"x" * 200_000, owner=(os.getuid(), 0)), hard_link("b", "d/a"), symlink("c", "b")
            )
            await upload(volumes, COMPRESSED[name](stream), name)
            assert os.stat("d/a", dir_fd=inside).st_size == os.stat("c", dir_fd=inside).st_size == 200_000
            assert os.stat("b", dir_fd=inside).st_nlink == 2
        finally:
            os.close(inside)
        assert staged(volumes) == []

    async def test_a_refused_upload_leaves_nothing(self, volumes: Volumes) -> None:
        await volumes.create(PHOTOS, 0)
        (volumes.location(PHOTOS) / "old").write_bytes(b"old")
        with pytest.raises(Invalid):
            await upload(volumes, packed(member("a", b"x" * MEBIBYTE), symlink("out", "/etc")))
        assert names(volumes) == ["old"]
        assert await volumes.snapshots(PHOTOS) == []
        assert staged(volumes) == []

    async def test_the_state_before_can_be_had_back(self, volumes: Volumes) -> None:
        await volumes.create(PHOTOS, 0)
        (volumes.location(PHOTOS) / "old").write_bytes(b"old")
        await upload(volumes, packed(member("old", b"new"), member("more")))
        (snapshot,) = await volumes.snapshots(PHOTOS)
        await volumes.restore(PHOTOS, snapshot.id, 0)
        assert names(volumes) == ["old"]
        assert (volumes.location(PHOTOS) / "old").read_bytes() == b"old"


@pytest.mark.bed
class TestTakingBack:
    """Rolling back from a real snapshot."""

    @pytest.fixture
    async def volumes(self, mount: Path) -> BtrfsVolumes:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, 64 * MEBIBYTE)
        return volumes

    async def test_hard_links_and_attributes_are_restored(self, volumes: BtrfsVolumes) -> None:
        location, before = volumes.location(PHOTOS), SnapshotId.make(FakeClock().now(), SnapshotReason.UPLOAD)
        (location / "d").mkdir()
        (location / "d" / "old").write_bytes(b"old")
        (location / "name").hardlink_to(location / "d" / "old")
        os.setxattr(location / "d" / "old", "user.colour", b"blue")
        os.chown(location / "d" / "old", 33, 33)
        was, inode = tree(location), (location / "name").stat().st_ino
        await volumes.snapshot(PHOTOS, before)
        async with volumes.scratch(0) as scratch:
            (scratch.path / "d").mkdir()
            (scratch.path / "d" / "old").write_bytes(b"uploaded")
            (scratch.path / "d" / "new").write_bytes(b"uploaded")
            merge(scratch.path, location, lambda: None)
            roll_back(scratch.path, volumes.snapshot_location(PHOTOS, before), location, lambda: None)
        assert tree(location) == was
        assert (location / "d" / "old").stat().st_ino == inode
        assert os.getxattr(location / "d" / "old", "user.colour") == b"blue"

    async def test_a_file_that_has_only_one_name_shares_its_content_with_the_snapshot(
        self, volumes: BtrfsVolumes
    ) -> None:
        location, before = volumes.location(PHOTOS), SnapshotId.make(FakeClock().now(), SnapshotReason.UPLOAD)
        (location / "large").write_bytes(os.urandom(8 * MEBIBYTE))
        was = tree(location)
        await volumes.snapshot(PHOTOS, before)
        async with volumes.scratch(0) as scratch:
            (scratch.path / "large").write_bytes(b"uploaded")
            merge(scratch.path, location, lambda: None)
            roll_back(scratch.path, volumes.snapshot_location(PHOTOS, before), location, lambda: None)
        assert tree(location) == was
        (snapshot,) = await volumes.snapshots(PHOTOS)
        assert snapshot.exclusive < MEBIBYTE < snapshot.referenced


@pytest.mark.bed
class TestOnBtrfs:
    """What needs root and quotas."""

    @pytest.fixture
    async def volumes(self, mount: Path) -> BtrfsVolumes:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        return volumes

    async def test_files_keep_their_owners_and_lose_what_makes_programs_dangerous(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 0)
        await upload(volumes, packed(member("d/su", b"#!", mode=0o6755, owner=(33, 70_000))))
        found = (volumes.location(PHOTOS) / "d/su").stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (33, 70_000, 0o755)

    async def test_an_archive_that_is_larger_than_the_quota_is_refused(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 8 * MEBIBYTE)
        with pytest.raises(NoSpace):
            await upload(volumes, packed(member("a", os.urandom(16 * MEBIBYTE))))
        assert names(volumes) == []
        assert staged(volumes) == []

    async def test_an_archive_that_does_not_fit_beside_what_is_there_is_refused(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 16 * MEBIBYTE)
        (volumes.location(PHOTOS) / "old").write_bytes(os.urandom(10 * MEBIBYTE))
        with pytest.raises(NoSpace):
            await upload(volumes, packed(member("a", os.urandom(10 * MEBIBYTE))))
        assert names(volumes) == ["old"]
        (volumes.location(PHOTOS) / "small").write_bytes(b"x")
        assert await volumes.snapshots(PHOTOS) == []

    @pytest.mark.parametrize("kind", [ArchiveFormat.TAR, ArchiveFormat.GZIP])
    async def test_a_disk_that_others_fill_up_meanwhile_leaves_the_volume_as_it_was(
        self, kind: ArchiveFormat, volumes: BtrfsVolumes
    ) -> None:
        filler = await prepare_to_fill(volumes)
        before = tree(volumes.location(PHOTOS))
        content = COMPRESSED[f"files{kind.value}"](packed(member("old", os.urandom(8 * MEBIBYTE)), member("new")))

        async def source() -> AsyncGenerator[bytes, None]:
            yield content[:MEBIBYTE]
            fill(filler)
            yield content[MEBIBYTE:]

        with pytest.raises(NoSpace):
            await upload(volumes, source(), f"files{kind.value}")
        assert tree(volumes.location(PHOTOS)) == before
        assert (await volumes.snapshots(PHOTOS), staged(volumes)) == ([], [])
        filler.unlink()
        os.sync()
        await upload(volumes, content, f"files{kind.value}")
        assert names(volumes) == ["new", "old"]

    async def test_on_a_disk_that_is_full_at_the_end_all_is_merged_or_nothing(self, volumes: BtrfsVolumes) -> None:
        filler = await prepare_to_fill(volumes)
        before = tree(volumes.location(PHOTOS))
        content = packed(*(member(f"d/{number}", b"x" * 3_000) for number in range(90)), member("old", b"new"))
        try:
            await upload(volumes, content, on_received=partial(fill, filler))
        except NoSpace:
            assert tree(volumes.location(PHOTOS)) == before
        else:
            assert len(list((volumes.location(PHOTOS) / "d").iterdir())) == 90
            assert (volumes.location(PHOTOS) / "old").read_bytes() == b"new"
        assert staged(volumes) == []
        assert not list(volumes.location(PHOTOS).glob(".town-os-*"))

    async def test_a_service_that_fills_its_volume_and_fails_hinders_no_rollback(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 40 * MEBIBYTE)
        for number in range(20):
            (volumes.location(PHOTOS) / str(number)).write_bytes(os.urandom(MEBIBYTE // 2))
        before = tree(volumes.location(PHOTOS))
        systemd = FakeSystemd()
        systemd.behaviours[NGINX.unit] = FINE
        await systemd.start(NGINX.unit)

        def fill_and_fail() -> None:
            systemd.on_start.clear()
            fill(volumes.location(PHOTOS) / "filler")
            raise JobFailed(NGINX.unit, "failed")

        systemd.on_start[NGINX.unit] = fill_and_fail
        content = packed(*(member(str(number), os.urandom(MEBIBYTE // 2)) for number in range(20)))
        with pytest.raises(Invalid, match="job ended with the result failed"):
            await upload(volumes, content, systemd=systemd)
        (volumes.location(PHOTOS) / "filler").unlink()
        assert {name: entry.content for name, entry in tree(volumes.location(PHOTOS)).items()} == {
            name: entry.content for name, entry in before.items()
        }
        assert systemd.is_running(NGINX.unit)
        assert (await volumes.get(PHOTOS)).quota == 40 * MEBIBYTE

    @pytest.mark.conformance("ARC-05")
    @pytest.mark.parametrize("kind", [ArchiveFormat.GZIP, ArchiveFormat.BZIP2, ArchiveFormat.XZ])
    async def test_a_downloaded_archive_can_be_uploaded_again(self, kind: ArchiveFormat, volumes: BtrfsVolumes) -> None:
        await volumes.create(PHOTOS, 0)
        location = volumes.location(PHOTOS)
        await upload(volumes, packed(member("d/a", b"a", owner=(33, 33)), symlink("l", "d/a"), hard_link("h", "d/a")))
        os.mkfifo(location / "fifo")
        os.mknod(location / "socket", 0o140644)
        async with Downloads(volumes, SystemdServices(FakeSystemd())).open(Download(PHOTOS, kind)) as pieces:
            body = b"".join([piece async for piece in pieces])
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            assert len(archive.getnames()) == 6
        await volumes.delete(PHOTOS)
        await volumes.create(PHOTOS, 0)
        await upload(volumes, body, f"a{kind.value}")
        assert names(volumes) == ["d", "h", "l"]
        assert (location / "h").samefile(location / "d/a")
        assert (location / "l").lstat().st_uid == 0
        assert (location / "h").stat().st_uid == 33

"""Archives changed at random: whatever passes stays where it belongs, in the eyes of two other readers too."""

import os
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import pytest
import trio

from tests.support.archive_mutations import archives, files
from tests.support.archives import in_pieces, listed
from tests.support.btrfs import mounted_btrfs
from tests.support.trees import Tree, tree
from townos.errors import TownError
from townos.names import InnerPath
from townos.storage.archives.rules import ArchiveLimits, Rules
from townos.storage.archives.tar.canonical import CanonicalTar
from townos.storage.archives.uploads import Upload, Uploads
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.space.guard import SpaceGuard
from townos.systemd.services import SystemdServices
from townos.testing.clock import FakeClock
from townos.testing.operations import running_operations
from townos.testing.settings import FakeSettings
from townos.testing.systemd import FakeSystemd

SEED = 20_261_124
ARCHIVES = 40_000
UNPACKED_ONE_IN = 40
FUZZED_SECONDS = 60
PHOTOS, OTHER = VolumePath.user("photos"), VolumePath.user("other")
QUOTA = 50_000_000
LIMITS = ArchiveLimits(bytes=100_000, members=50, seconds=60)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def canonical(stream: bytes) -> bytes | None:
    """Return what passes of a stream, None if it is refused."""
    tar = CanonicalTar(Rules(LIMITS))
    try:
        written = b"".join(map(bytes, tar.feed(stream)))
        tar.finish()
    except TownError:
        return None
    return written


def stays_inside(name: str) -> bool:
    return not name.startswith("/") and not {"", ".", ".."} & set(name.split("/"))


@pytest.mark.conformance("ARC-04")
def test_an_accepted_archive_stays_inside_the_volume() -> None:
    passed = 0
    for number, stream in enumerate(archives(SEED, ARCHIVES)):
        written = canonical(stream)
        if written is None:
            continue
        passed += 1
        for name, kind, link, *_ in listed(written):
            assert stays_inside(name), number
            assert kind in {tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE}, number
            assert kind != tarfile.LNKTYPE or stays_inside(link), number
        assert canonical(written) == written, number  # judged again, it is the same
    assert ARCHIVES * 0.05 < passed < ARCHIVES * 0.95


@pytest.mark.conformance("ARC-04")
def test_accepted_archives_are_unpacked_inside_the_volume(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    passed = [one for stream in archives(SEED + 1, ARCHIVES) if (one := canonical(stream))]
    for number, written in enumerate(passed[::UNPACKED_ONE_IN]):
        target = outside / str(number)
        target.mkdir()
        argv = ["tar", "-x", "--file=-", "--no-same-owner", "--warning=no-timestamp", f"--directory={target}"]
        done = subprocess.run(argv, input=written, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), number
        assert {path.name for path in outside.iterdir()} == {*map(str, range(number + 1))}
        for path in target.rglob("*"):  # a link may lead in circles, which is its own affair
            assert Path(os.path.realpath(path)).is_relative_to(target), (number, path)


class Attacked:
    """A volume with things of every kind, beside another one, on a disk of its own."""

    def __init__(self, volumes: BtrfsVolumes, uploads: Uploads) -> None:
        self.volumes = volumes
        self.uploads = uploads
        self.location = volumes.location(PHOTOS)

    def fill(self) -> None:
        """Make what archives may collide with."""
        (self.location / "d").mkdir(mode=0o2750)
        (self.location / "a").write_bytes(b"old")
        (self.location / "a").chmod(0o640)
        os.chown(self.location / "a", 33, 34)
        (self.location / "d" / "l").symlink_to("../a")
        (self.location / "d" / "again").hardlink_to(self.location / "a")
        os.mkfifo(self.location / "b")
        (self.volumes.location(OTHER) / "precious").write_bytes(b"precious")
        for path in (*self.location.rglob("*"), self.location):
            os.utime(path, ns=(5, 1_234_567_890_123_456_789), follow_symlinks=False)

    def outside(self) -> Mapping[str, Tree]:
        """Return what nothing may touch."""
        top = self.location.parent.parent
        return {"other": tree(self.volumes.location(OTHER)), "beside": tree(top.parent / "outside")}

    async def upload(self, name: str, content: bytes, within: str) -> bool:
        """Upload; tell whether it passed."""
        inner = InnerPath.parse(within) if within else None
        async with aclosing(in_pieces(content)) as source:
            try:
                await self.uploads.put(Upload(PHOTOS, name, inner), source)
            except TownError:
                return False
        return True

    async def restore(self) -> None:
        """Bring the volume back to its state before."""
        (snapshot,) = await self.volumes.snapshots(PHOTOS)
        await self.volumes.restore(PHOTOS, snapshot.id, QUOTA)
        await self.volumes.delete_snapshot(PHOTOS, snapshot.id)


@pytest.mark.bed
@pytest.mark.conformance("ARC-04")
async def test_an_upload_is_applied_completely_or_not_at_all(
    tmp_path: Path,
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a").write_bytes(b"outside")
    with mounted_btrfs(tmp_path) as mount:
        volumes = BtrfsVolumes(mount)
        await volumes.ensure_roots()
        await volumes.create(PHOTOS, QUOTA)
        await volumes.create(OTHER, 0)
        async with running_operations(tmp_path / "db") as operations:
            settings, systemd = FakeSettings(), SystemdServices(FakeSystemd())
            space = SpaceGuard(volumes.usage, settings)
            uploads = Uploads(volumes, systemd, settings, FakeClock(), operations, space=space)
            await attack(Attacked(volumes, uploads))


async def attack(attacked: Attacked) -> None:
    attacked.fill()
    before, outside = tree(attacked.location), attacked.outside()
    passed = refused = 0
    end = trio.current_time() + FUZZED_SECONDS
    for number, (name, content) in enumerate(files(SEED)):
        if trio.current_time() > end:
            break
        if await attacked.upload(name, content, ("", "d", "e/f")[number % 3]):
            passed += 1
            for path in attacked.location.rglob("*"):
                assert Path(os.path.realpath(path)).is_relative_to(attacked.location), (number, path)
            await attacked.restore()
        else:
            refused += 1
        assert tree(attacked.location) == before, number
        assert await attacked.volumes.snapshots(PHOTOS) == [], number
        assert not list(attacked.location.parent.parent.glob("snapshots/.staging/*")), number
        assert attacked.outside() == outside, number
    assert min(passed, refused) > 0

"""What every `VmImages` does: the fake in memory, and the directory with qemu-img.

Disks come from a web server on the loopback interface.
"""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.btrfs import mounted_btrfs
from tests.support.disks import MEBIBYTE, qcow2, raw, vmdk
from tests.support.website import Asked, FileHandler, Website, saying, website
from townos.clock import SystemClock
from townos.errors import Conflict, Foreign, Invalid, NoSpace, NotFound
from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.testing.space import FakeDisk
from townos.testing.vm import FakeVmImages
from townos.vm.disk_images import DIGEST, DiskVmImages
from townos.vm.formats import checked_format
from townos.vm.images import VmImage, VmImages
from townos.vm.partial import ORIGIN
from townos.vm.qemu_img import QemuImg

NAME = VmImageName.parse("desk.raw")
OTHER = VmImageName.parse("attic.raw")
DISK = raw(2 * MEBIBYTE)
MOST = 64 * MEBIBYTE
ROOT = Path("/town-os/test-vm-images")
SECRET = b"nobody may read this\n"


class World(Protocol):
    """Images, and an Internet that has one disk of two mebibytes under two addresses."""

    images: VmImages
    gate: trio.Event | None
    """Holds downloads until it is opened."""

    def url(self, target: str) -> ImageUrl:
        """Return an address: `/desk.img` and `/attic.img` are there, others are not."""

    def write(self, name: VmImageName) -> None:
        """Change a disk, and its size with it, as its machine might."""


class FakeWorld:
    def __init__(self) -> None:
        disks = ("http://127.0.0.1/desk.img", "http://127.0.0.1/attic.img")
        self.fake = FakeVmImages(dict.fromkeys(disks, len(DISK)))
        self.images: VmImages = self.fake

    @property
    def gate(self) -> trio.Event | None:
        return self.fake.gate

    @gate.setter
    def gate(self, gate: trio.Event | None) -> None:
        self.fake.gate = gate

    def url(self, target: str) -> ImageUrl:
        return ImageUrl.parse(f"http://127.0.0.1{target}")

    def write(self, name: VmImageName) -> None:
        self.fake.images[name] = 1


class RealWorld:
    def __init__(self) -> None:
        self.gate: trio.Event | None = None
        self.site = Website(0)
        self.images: VmImages = disk_images()

    def url(self, target: str) -> ImageUrl:
        return ImageUrl.parse(self.site.url(target))

    def write(self, name: VmImageName) -> None:
        os.truncate(self.images.location(name), 1)

    async def answer(self, asked: Asked, stream: trio.abc.Stream) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if asked.target in {"/desk.img", "/attic.img"}:
            await FileHandler(DISK)(asked, stream)
        else:
            await saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")(asked, stream)


def disk_images(root: Path = ROOT) -> DiskVmImages:
    async def most() -> int:
        return MOST

    return DiskVmImages(root, QemuImg(), most, SystemClock(), FakeDisk().guard)


@pytest.fixture
def root() -> Path:
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir()
    return ROOT


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    request.getfixturevalue("root")
    real = RealWorld()
    async with website(real.answer) as real.site:
        yield real


async def test_a_fetched_image_is_there_with_the_size_of_its_disk(world: World) -> None:
    assert await world.images.list() == []
    assert not await world.images.exists(NAME)
    told: list[tuple[int, int | None]] = []
    await world.images.fetch(world.url("/desk.img"), NAME, lambda done, total: told.append((done, total)))
    await world.images.fetch(world.url("/attic.img"), OTHER)
    assert await world.images.list() == [
        VmImage(OTHER, len(DISK), str(world.url("/attic.img"))),
        VmImage(NAME, len(DISK), str(world.url("/desk.img"))),
    ]
    assert await world.images.exists(NAME)
    assert world.images.location(NAME).name == NAME
    assert told[-1] == (len(DISK), len(DISK))


async def test_an_image_that_is_there_is_not_fetched_again(world: World) -> None:
    await world.images.fetch(world.url("/desk.img"), NAME)
    told: list[int] = []
    await world.images.fetch(world.url("/desk.img"), NAME, lambda done, _: told.append(done))
    assert not told


async def test_a_disk_is_restored_from_its_snapshot(world: World) -> None:
    before, after = (SnapshotId.make(datetime(2026, 1, day, tzinfo=UTC), SnapshotReason.UPGRADE) for day in (1, 2))
    await world.images.fetch(world.url("/desk.img"), NAME)
    for _ in range(2):
        await world.images.snapshot(NAME, before)
    world.write(NAME)
    await world.images.snapshot(NAME, after)
    assert len(await world.images.list()) == 1
    await world.images.snapshot(NAME, before)
    for _ in range(2):
        await world.images.restore(NAME, before)
        assert await world.images.list() == [VmImage(NAME, len(DISK), str(world.url("/desk.img")))]
    for _ in range(2):
        await world.images.delete_snapshot(NAME, after)
    await world.images.restore(NAME, after)
    assert await world.images.list() == [VmImage(NAME, len(DISK), str(world.url("/desk.img")))]


async def test_a_missing_disk_has_no_snapshot(world: World) -> None:
    with pytest.raises(NotFound):
        await world.images.snapshot(NAME, SnapshotId.make(datetime(2026, 1, 1, tzinfo=UTC), SnapshotReason.UPGRADE))


async def test_a_name_stands_for_one_address(world: World) -> None:
    await world.images.fetch(world.url("/desk.img"), NAME)
    with pytest.raises(Conflict, match=r"already a VM image desk\.raw from another address"):
        await world.images.fetch(world.url("/attic.img"), NAME)


async def test_a_missing_download_is_a_foreign_failure_naming_the_host(world: World) -> None:
    with pytest.raises(Foreign, match=r"downloading from 127\.0\.0\.1.* failed: it answered with status 404"):
        await world.images.fetch(world.url("/nothing.img"), NAME)
    assert await world.images.list() == []


async def test_a_cancelled_fetch_leaves_nothing_to_see_and_may_be_tried_again(world: World) -> None:
    world.gate = trio.Event()
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(world.images.fetch, world.url("/desk.img"), NAME)
            await trio.testing.wait_all_tasks_blocked(0.01)
            scope.cancel()
    assert await world.images.list() == []
    world.gate = None
    await world.images.fetch(world.url("/desk.img"), NAME)
    assert await world.images.exists(NAME)


async def test_while_an_image_is_fetched_nobody_else_fetches_or_removes_it(world: World) -> None:
    world.gate = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(world.images.fetch, world.url("/desk.img"), NAME)
        await trio.testing.wait_all_tasks_blocked(0.01)
        with pytest.raises(Conflict, match="is being downloaded right now"):
            await world.images.fetch(world.url("/desk.img"), NAME)
        with pytest.raises(Conflict, match="is being downloaded right now"):
            await world.images.remove(NAME)
        world.gate.set()
    assert await world.images.exists(NAME)


async def test_a_removed_image_is_gone(world: World) -> None:
    await world.images.fetch(world.url("/desk.img"), NAME)
    await world.images.remove(NAME)
    assert await world.images.list() == []
    with pytest.raises(NotFound, match=r"vm image not found: desk\.raw"):
        await world.images.remove(NAME)


def qemu_img(*arguments: str) -> None:
    subprocess.run(["qemu-img", *arguments], check=True, capture_output=True)


@asynccontextmanager
async def serving(file: Path) -> AsyncIterator[ImageUrl]:
    async with website(FileHandler(file.read_bytes())) as site:
        yield ImageUrl.parse(site.url())


@pytest.mark.bed
@pytest.mark.conformance("ARC-09")
@pytest.mark.parametrize("kind", ["raw", "qcow2", "qcow2 -c", "vmdk", "vdi", "vhdx"])
async def test_every_format_becomes_the_same_raw_disk(root: Path, tmp_path: Path, kind: str) -> None:
    content = os.urandom(300_000).ljust(4 * MEBIBYTE, b"\0") + b"the end".ljust(MEBIBYTE, b"\0")
    (tmp_path / "disk").write_bytes(content)
    qemu_img("convert", "-f", "raw", "-O", *kind.split(), str(tmp_path / "disk"), str(tmp_path / "image"))
    images = disk_images()
    async with serving(tmp_path / "image") as url:
        await images.fetch(url, NAME)
    disk = images.location(NAME)
    assert disk.read_bytes()[: len(content)] == content
    assert disk.stat().st_blocks * 512 < len(content) // 2, "holes stay holes"
    assert disk.stat().st_mode & 0o777 == 0o600
    assert os.getxattr(disk, ORIGIN).decode() == str(url)
    assert os.getxattr(disk, DIGEST).decode() == sha256((tmp_path / "image").read_bytes()).hexdigest()
    assert [entry.name for entry in root.iterdir()] == [NAME]


@pytest.mark.bed
@pytest.mark.conformance("HOLE-02")
@pytest.mark.parametrize(
    "arguments",
    [
        ["-f", "qcow2", "-F", "raw", "-b", "SECRET"],
        ["-f", "qcow2", "-o", "compat=0.10", "-F", "raw", "-b", "SECRET"],
        ["-f", "qcow2", "-F", "raw", "-b", 'json:{"driver":"raw","file":{"driver":"file","filename":"SECRET"}}'],
        ["-f", "qcow2", "-o", "data_file=SECRET,data_file_raw=on"],
        ["-f", "vmdk", "-F", "vmdk", "-b", "SECRET"],
    ],
)
async def test_an_image_that_names_a_file_of_this_machine_is_refused(
    root: Path, tmp_path: Path, arguments: list[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET.ljust(MEBIBYTE, b"\0"))
    if "vmdk" in arguments:
        secret.rename(tmp_path / "plain")
        qemu_img("convert", "-f", "raw", "-O", "vmdk", str(tmp_path / "plain"), str(secret))
    words = [word.replace("SECRET", str(secret)) for word in arguments]
    qemu_img("create", *words, str(tmp_path / "image"), *([] if "-b" in arguments else ["1M"]))
    async with serving(tmp_path / "image") as url:
        with pytest.raises(Invalid, match="it refers to other files"):
            await disk_images().fetch(url, NAME)
    assert list(root.iterdir()) == []


@pytest.mark.bed
@pytest.mark.conformance("HOLE-02")
async def test_qemu_itself_opens_no_backing_file(root: Path, tmp_path: Path) -> None:
    secret, image, target = tmp_path / "secret", tmp_path / "image", tmp_path / "target"
    secret.write_bytes(SECRET.ljust(MEBIBYTE, b"\0"))
    qemu_img("create", "-f", "qcow2", "-F", "raw", "-b", str(secret), str(image))
    target.touch()
    await QemuImg().convert(image, "qcow2", target)
    assert target.read_bytes() == bytes(MEBIBYTE)


SECRET_FILE = Path("/run/town-os-test-secret")
EXTENT = f'createType="monolithicFlat"\nRW 2048 FLAT "{SECRET_FILE}" 0\nparentFileName="{SECRET_FILE}"\n'
PATCHES = st.lists(
    st.tuples(
        st.sampled_from([4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 72, 76, 80, 96, 100, 104, 108, 112]),
        st.sampled_from([b"\0" * 8, b"\xff" * 8, b"\0\0\4\0", b"\0\0\0\0\0\0\4\0", b"\4", b"\x44\x41\x54\x41"])
        | st.binary(min_size=1, max_size=8),
    ),
    max_size=4,
)


@pytest.mark.bed
@pytest.mark.conformance("HOLE-02")
@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["qcow2", "vmdk"]), patches=PATCHES)
async def test_no_file_of_this_machine_gets_into_a_converted_disk(
    tmp_path_factory: pytest.TempPathFactory, kind: str, patches: list[tuple[int, bytes]]
) -> None:
    SECRET_FILE.write_bytes(SECRET.ljust(MEBIBYTE, b"\0"))
    directory = tmp_path_factory.mktemp("image")
    content = bytearray(qcow2(name=str(SECRET_FILE)) if kind == "qcow2" else vmdk(descriptor=EXTENT))
    for offset, patch in patches:
        content[offset : offset + len(patch)] = patch
    (directory / "image").write_bytes(content)
    (directory / "disk").touch()
    try:
        found = checked_format(directory / "image")
        if (await QemuImg().measure(directory / "image", found)).size <= MOST:
            await QemuImg().convert(directory / "image", found, directory / "disk")
    except Invalid:
        pass
    assert SECRET not in (directory / "disk").read_bytes()


@pytest.mark.bed
@pytest.mark.parametrize(
    "content", [b"QFI\xfb\0\0\0\3" + bytes(1024), b"\x1f\x8b" + bytes(1024), b"vhdxfile" + bytes(65_536), b"short"]
)
async def test_a_file_that_is_no_disk_is_refused_and_leaves_nothing(root: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "image").write_bytes(content)
    async with serving(tmp_path / "image") as url:
        with pytest.raises(Invalid):
            await disk_images().fetch(url, NAME)
    assert list(root.iterdir()) == []


@pytest.mark.bed
async def test_a_small_file_does_not_become_a_disk_beyond_the_limit(root: Path, tmp_path: Path) -> None:
    qemu_img("create", "-f", "qcow2", str(tmp_path / "image"), "1T")
    async with serving(tmp_path / "image") as url:
        with pytest.raises(Invalid, match="has 1 TB; at most 64 MB"):
            await disk_images().fetch(url, NAME)
    assert list(root.iterdir()) == []


@pytest.mark.bed
async def test_a_damaged_image_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(bytes(range(256)) * 4096)
    qemu_img("convert", "-f", "raw", "-O", "qcow2", "-c", str(tmp_path / "disk"), str(tmp_path / "image"))
    content = (tmp_path / "image").read_bytes()
    tables = 5 * 65_536  # the header and the tables have a cluster each; what follows is packed
    (tmp_path / "image").write_bytes(content[:tables].ljust(len(content), b"\xff"))
    async with serving(tmp_path / "image") as url:
        with pytest.raises(Invalid, match="it is damaged"):
            await disk_images().fetch(url, NAME)
    assert list(root.iterdir()) == []


@pytest.mark.bed
async def test_a_conversion_has_an_end_and_leaves_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("townos.vm.qemu_img.VM_CONVERSION_TIMEOUT_SECONDS", 0.0)
    (tmp_path / "image").write_bytes(DISK)
    async with serving(tmp_path / "image") as url:
        with pytest.raises(Invalid, match="did not finish within 0 seconds"):
            await disk_images().fetch(url, NAME)
    assert list(root.iterdir()) == []


@pytest.mark.bed
async def test_a_disk_that_turns_out_to_be_full_is_told_with_numbers_and_nothing_is_left(tmp_path: Path) -> None:
    """The quota, of which the guard knows nothing, lets the download pass, and ends while qemu-img writes."""
    (tmp_path / "image").write_bytes(os.urandom(6 * MEBIBYTE))
    with mounted_btrfs(tmp_path) as mount:
        root = mount / "vm-images"
        for words in (f"quota enable {mount}", f"subvolume create {root}", f"qgroup limit 9M {root}"):
            subprocess.run(["btrfs", *words.split()], check=True, capture_output=True)
        async with serving(tmp_path / "image") as url:
            with pytest.raises(NoSpace, match=r"no space left on the disk: [\d.]+ \w+ of [\d.]+ \w+ are free"):
                await disk_images(root).fetch(url, NAME)
        assert list(root.iterdir()) == []


@pytest.mark.bed
async def test_how_much_will_be_written_is_known_before(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(os.urandom(MEBIBYTE).ljust(8 * MEBIBYTE, b"\0"))
    for options in (["qcow2"], ["qcow2", "-c"]):
        qemu_img("convert", "-f", "raw", "-O", *options, str(tmp_path / "disk"), str(tmp_path / "image"))
        measure = await QemuImg().measure(tmp_path / "image", "qcow2")
        assert measure.size == 8 * MEBIBYTE
        assert MEBIBYTE <= measure.written < 2 * MEBIBYTE

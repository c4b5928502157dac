"""What lies in the directory of the disk images, before, during and after a download."""

import os
from pathlib import Path
from time import time

import pytest
import trio

from tests.support.disks import MEBIBYTE, CopyingConverter, qcow2, raw
from tests.support.website import Asked, FileHandler, website
from townos.errors import Foreign, Invalid, NoSpace, Unavailable
from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl
from townos.testing.clock import FakeClock
from townos.testing.space import FakeDisk, filled
from townos.vm import disk_images
from townos.vm.disk_images import DiskVmImages

NAME = VmImageName.parse("desk.raw")
DAY = 24 * 3_600


class Directory:
    """Images in a directory, and how they are converted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.most = 4 * MEBIBYTE
        self.converter = CopyingConverter()
        self.disk = FakeDisk()
        self.images = DiskVmImages(root, self.converter, self._most, FakeClock(), self.disk.guard)

    async def _most(self) -> int:
        return self.most

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self.root.iterdir())

    async def fetch(self, content: bytes) -> None:
        async with website(FileHandler(content)) as site:
            await self.images.fetch(ImageUrl.parse(site.url()), NAME)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path)


def leave(path: Path, age: float = 0) -> None:
    path.write_bytes(b"left")
    os.utime(path, (time() - age, time() - age))


async def test_only_finished_images_are_listed(directory: Directory) -> None:
    for name in ("b.raw", "a.raw", "c.raw.download", "c.raw.conversion", "d.qcow2", ".e.raw"):
        leave(directory.root / name)
    (directory.root / "f.raw").mkdir()
    (directory.root / "g.raw").symlink_to("/etc/passwd")
    assert [(image.name, image.size) for image in await directory.images.list()] == [("a.raw", 4), ("b.raw", 4)]


async def test_a_missing_directory_gives_no_images_and_no_downloads(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "none")
    assert await directory.images.list() == []
    with pytest.raises(Unavailable):
        await directory.fetch(raw())


async def test_an_image_that_somebody_put_there_is_taken_as_it_is(directory: Directory) -> None:
    leave(directory.root / NAME)
    await directory.fetch(raw())
    assert (directory.root / NAME).read_bytes() == b"left"


async def test_old_remains_of_earlier_processes_are_removed(directory: Directory) -> None:
    leave(directory.root / "old.raw.download", age=DAY + 60)
    leave(directory.root / "new.raw.download", age=DAY - 60)
    leave(directory.root / "broken.raw.conversion")
    leave(directory.root / "mine", age=2 * DAY)
    await directory.images.sweep()
    assert directory.names() == ["mine", "new.raw.download"]


async def test_files_in_use_by_others_are_not_removed(directory: Directory) -> None:
    directory.converter.gate = trio.Event()
    async with website(FileHandler(raw())) as site, trio.open_nursery() as nursery:
        nursery.start_soon(directory.images.fetch, ImageUrl.parse(site.url()), NAME)
        await directory.converter.converting.wait()
        os.utime(directory.root / f"{NAME}.download", (0, 0))
        await directory.images.sweep()
        assert directory.names() == [NAME + ".conversion", NAME + ".download"]
        directory.converter.gate.set()
    assert directory.names() == [NAME]


async def test_a_cancelled_conversion_leaves_the_download_which_is_not_fetched_again(directory: Directory) -> None:
    directory.converter.gate = trio.Event()
    async with website(FileHandler(raw())) as site:
        url = ImageUrl.parse(site.url())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(directory.images.fetch, url, NAME)
            await directory.converter.converting.wait()
            nursery.cancel_scope.cancel()
        assert directory.names() == [NAME + ".download"]
        directory.converter.gate.set()
        await directory.images.fetch(url, NAME)
    assert site.requests[-1].headers["range"] == f"bytes={MEBIBYTE}-"
    assert (directory.root / NAME).read_bytes() == raw()
    assert directory.names() == [NAME]


async def test_an_interrupted_download_goes_on(directory: Directory) -> None:
    handler = FileHandler(raw(), cuts=[1000, 0])
    async with website(handler) as site:
        with pytest.raises(Foreign):
            await directory.images.fetch(ImageUrl.parse(site.url()), NAME)
        assert directory.names() == [NAME + ".download"]
        await directory.images.fetch(ImageUrl.parse(site.url()), NAME)
    assert site.requests[-1].headers["range"] == "bytes=1000-"
    assert directory.names() == [NAME]


async def test_a_download_has_an_end(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_images, "VM_DOWNLOAD_TIMEOUT_SECONDS", 0.01)

    async def silent(_: Asked, __: trio.abc.Stream) -> None:
        await trio.sleep_forever()

    async with website(silent) as site:
        with pytest.raises(Foreign, match=f"downloading from 127.0.0.1:{site.port} did not finish"):
            await directory.images.fetch(ImageUrl.parse(site.url()), NAME)


async def test_an_unusable_image_is_not_kept(directory: Directory) -> None:
    with pytest.raises(Invalid):
        await directory.fetch(qcow2(backing=1024))
    assert directory.names() == []


async def test_too_large_a_disk_is_refused_however_small_its_file(directory: Directory) -> None:
    directory.converter.size = 2**40
    with pytest.raises(Invalid, match="has 1 TB; at most 4 MB"):
        await directory.fetch(raw())
    assert directory.names() == []


async def test_a_disk_that_would_not_fit_is_refused_with_the_numbers(directory: Directory) -> None:
    directory.most = 2**62
    directory.converter.size = 2**60
    with pytest.raises(NoSpace, match="1048576 TB do not fit: 10 GB of 100 GB"):
        await directory.fetch(raw())
    assert directory.names() == []
    directory.disk.usage = filled(93 * MEBIBYTE, 100 * MEBIBYTE)
    with pytest.raises(NoSpace, match="2 MB do not fit"):
        await directory.fetch(raw(2 * MEBIBYTE))
    assert directory.names() == []

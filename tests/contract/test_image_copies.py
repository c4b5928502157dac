"""What is copied out of images that podman really has, hostile ones included."""

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bed.images import REGISTRY, Image, publish
from townos.containers.extraction import SEED_PREFIX
from townos.containers.podman import CommandPodman
from townos.errors import Foreign, Invalid, NoSpace
from townos.images import ImageDirectory, ImageReference
from townos.testing.space import FakeDisk

pytestmark = pytest.mark.bed

IMAGE = ImageReference("docker.io/town-os/hostile:latest")
QUOTA = 4 * 1024 * 1024


def podman(*arguments: str) -> str:
    return subprocess.run(["podman", *arguments], check=True, capture_output=True, text=True).stdout


@dataclass
class Author:
    """Makes an image of what lies below `root`, and copies from it into `target`, a volume with a quota."""

    root: Path
    target: Path
    client: CommandPodman

    async def publish(self, *volumes: str) -> None:
        publish(Path("/", REGISTRY), "town-os/hostile", Image(self.root, command=(), volumes=volumes))
        await self.client.pull(IMAGE)

    async def copy(self, directory: str) -> None:
        await self.client.copy_out(IMAGE, ImageDirectory.parse(directory), self.target)


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Author]:
    volume = Path("/town-os/copies-test")
    subprocess.run(["btrfs", "subvolume", "create", volume], check=True, capture_output=True)
    subprocess.run(["btrfs", "quota", "enable", "/town-os"], check=True, capture_output=True)
    subprocess.run(["btrfs", "qgroup", "limit", str(QUOTA), volume], check=True, capture_output=True)
    (tmp_path / "image" / "srv").mkdir(parents=True)
    yield Author(tmp_path / "image", volume, CommandPodman(FakeDisk().guard.require_room))
    podman("rmi", "--force", "--ignore", IMAGE)
    subprocess.run(["btrfs", "subvolume", "delete", volume], check=True, capture_output=True)


def containers() -> list[str]:
    return podman("ps", "--all", "--external", "--format", "{{.Names}}").split()


async def test_owners_and_modes_are_kept_as_numbers(author: Author) -> None:
    (author.root / "srv/data").mkdir(mode=0o750)
    (author.root / "srv/data/file").write_text("x")
    (author.root / "srv/data/file").chmod(0o604)
    os.chown(author.root / "srv/data", 999, 998)
    os.chown(author.root / "srv/data/file", 70_001, 70_002)
    await author.publish()
    await author.copy("/srv/data")
    top, file = author.target.stat(), (author.target / "file").stat()
    assert (top.st_uid, top.st_gid, stat.S_IMODE(top.st_mode)) == (999, 998, 0o750)
    assert (file.st_uid, file.st_gid, stat.S_IMODE(file.st_mode)) == (70_001, 70_002, 0o604)


async def test_files_below_a_volume_of_the_image_are_copied_too(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    (author.root / "srv/data/file").write_text("x")
    await author.publish("/srv/data")
    await author.copy("/srv/data")
    assert (author.target / "file").read_text() == "x"
    assert podman("volume", "ls", "--quiet") == ""


@pytest.mark.parametrize("link", ["/srv/data", "../srv/data", "../../../../../srv/data"])
async def test_a_link_to_a_directory_is_followed_inside_the_image(author: Author, link: str) -> None:
    (author.root / "srv/data").mkdir()
    (author.root / "srv/data/file").write_text("x")
    (author.root / "var").mkdir()
    (author.root / "var/data").symlink_to(link)
    await author.publish()
    await author.copy("/var/data")
    assert (author.target / "file").read_text() == "x"


@pytest.mark.parametrize("link", ["/town-os", "../../../../../../../../town-os", "/proc/1/root/town-os"])
async def test_a_link_never_leads_to_this_machine(author: Author, link: str) -> None:
    (author.root / "srv/data").symlink_to(link)
    await author.publish()
    with pytest.raises(Invalid, match="has no directory"):
        await author.copy("/srv/data")
    assert list(author.target.iterdir()) == []


async def test_links_inside_stay_links(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    (author.root / "srv/data/out").symlink_to("/etc/passwd")
    (author.root / "srv/data/up").symlink_to("../../../..")
    await author.publish()
    await author.copy("/srv/data")
    assert {path.name: str(path.readlink()) for path in author.target.iterdir()} == {
        "out": "/etc/passwd",
        "up": "../../../..",
    }


async def test_no_program_stays_setuid(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    (author.root / "srv/data/su").write_text("#!/bin/sh\n")
    (author.root / "srv/data/su").chmod(0o6755)
    await author.publish()
    await author.copy("/srv/data")
    assert stat.S_IMODE((author.target / "su").stat().st_mode) == 0o755


def _device(path: Path) -> None:
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))


def _disk(path: Path) -> None:
    os.mknod(path, 0o666 | stat.S_IFBLK, os.makedev(7, 0))


@pytest.mark.parametrize("make", [_device, _disk])
async def test_a_device_is_refused_by_name(author: Author, make: Callable[[Path], None]) -> None:
    (author.root / "srv/data/deep").mkdir(parents=True)
    (author.root / "srv/data/a-file").write_text("x")
    make(author.root / "srv/data/deep/device")
    await author.publish()
    with pytest.raises(Foreign, match='contains a device among the files to copy: "deep/device"'):
        await author.copy("/srv/data")
    assert list(author.target.iterdir()) == []


async def test_a_fifo_is_left_out(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    os.mkfifo(author.root / "srv/data/fifo")
    await author.publish()
    await author.copy("/srv/data")
    assert list(author.target.iterdir()) == []


async def test_more_than_the_quota_is_no_space_and_leaves_nothing(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    (author.root / "srv/data/large").write_bytes(os.urandom(2 * QUOTA))
    await author.publish()
    with pytest.raises(NoSpace, match="no space left to copy /srv/data"):
        await author.copy("/srv/data")
    assert list(author.target.iterdir()) == []
    assert not [name for name in containers() if name.startswith(SEED_PREFIX)]


async def test_a_copy_clears_what_a_crash_has_left_and_nothing_else(author: Author) -> None:
    (author.root / "srv/data").mkdir()
    await author.publish()
    for name in (f"{SEED_PREFIX}0123456789abcdef", "town-os-other"):
        podman("create", "--name", name, "--network", "none", IMAGE, "true")
    podman("mount", f"{SEED_PREFIX}0123456789abcdef")
    try:
        await author.copy("/srv/data")
        assert [name for name in containers() if name.startswith("town-os-")] == ["town-os-other"]
    finally:
        podman("rm", "--force", "town-os-other")

"""A btrfs file system of its own for a test, on a loop device, and what containers do to their volumes."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from townos.posix.files import opened_directory
from townos.storage.btrfs.subvolumes import subvolume_id

IMAGE = "btrfs.img"
IMAGE_BYTES = 256 * 1024 * 1024
LOOP_MAJOR = 7


@contextmanager
def mounted_btrfs(directory: Path, size: int = IMAGE_BYTES) -> Iterator[Path]:
    """Make, mount and in the end unmount a file system of so many bytes. Needs root and loop devices."""
    image = directory / IMAGE
    with image.open("wb") as file:
        file.truncate(size)
    _call("mkfs.btrfs", "--quiet", str(image))
    with _mounted(image, directory / "btrfs") as mount_point:
        yield mount_point


@contextmanager
def after_power_cut(mount: Path) -> Iterator[Path]:
    """Mount what would be on the disk if the power went now: what was written, and nothing that was still to be."""
    image = mount.with_name("cut.img")
    shutil.copy(mount.with_name(IMAGE), image)
    _call("btrfstune", "-f", "-m", str(image))  # the kernel takes two file systems with one identity for the same
    with _mounted(image, mount.with_name("cut")) as mount_point:
        yield mount_point


@contextmanager
def _mounted(image: Path, mount_point: Path) -> Iterator[Path]:
    _make_loop_node()
    mount_point.mkdir()
    _call("mount", "-o", "loop", str(image), str(mount_point))
    try:
        yield mount_point
    finally:
        _call("umount", str(mount_point))
        mount_point.rmdir()
        image.unlink()


def nest(volume: Path, name: str) -> None:
    """Make a subvolume inside a volume, as any process in a container may."""
    (volume / name).parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["btrfs", "subvolume", "create", name], cwd=volume, check=True, capture_output=True)


def subvolume_id_at(path: Path) -> int:
    """Return the id of the subvolume that a directory is in."""
    with opened_directory(path) as descriptor:
        return subvolume_id(descriptor)


def write(path: Path, size: int) -> None:
    """Write so many bytes that cannot be compressed. Raises `OSError` where there is no space for them."""
    with path.open("wb", buffering=0) as file:
        for _ in range(size // 65_536):
            file.write(os.urandom(65_536))
        os.fsync(file.fileno())


def _make_loop_node() -> None:
    """Make the node of the next free loop device: a container without udev has no new ones."""
    device = Path(_call("losetup", "--find").strip())
    if not device.exists():
        number = int(device.name.removeprefix("loop"))
        os.mknod(device, 0o660 | stat.S_IFBLK, os.makedev(LOOP_MAJOR, number))


def _call(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout


def fill_with_content(path: Path) -> None:
    """Let files take space until the disk has none left for content."""
    for piece in (2**30, 2**26, 2**22, 2**18):
        with suppress(OSError), (path / f"filling-{piece}").open("wb") as file:
            for number in range(2**20):
                os.posix_fallocate(file.fileno(), number * piece, piece)
    with suppress(OSError), (path / "filling").open("wb", buffering=0) as file:
        while True:
            file.write(os.urandom(4096))
            os.fsync(file.fileno())


def fill_with_names(path: Path) -> None:
    """Write attributes, which are metadata, until not even a directory can be made."""
    for size in (8_100, 100):
        for number in range(100_000):
            file = path / f"filling-{size}-{number}"
            try:
                file.touch()
                for attribute in range(100):
                    os.setxattr(file, f"user.filling-{attribute}", os.urandom(size))
            except OSError:
                break
    with suppress(OSError):
        for number in range(1_000_000):
            (path / f"directory-{number}").mkdir()

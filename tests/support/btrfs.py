"""A btrfs file system of its own for a test, on a loop device."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IMAGE_BYTES = 256 * 1024 * 1024
LOOP_MAJOR = 7


@contextmanager
def mounted_btrfs(directory: Path) -> Iterator[Path]:
    """Make, mount and in the end unmount a file system. Needs root and loop devices."""
    image, mount_point = directory / "btrfs.img", directory / "btrfs"
    with image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    mount_point.mkdir()
    _call("mkfs.btrfs", "--quiet", str(image))
    _make_loop_node()
    _call("mount", "-o", "loop", str(image), str(mount_point))
    try:
        yield mount_point
    finally:
        _call("umount", str(mount_point))
        image.unlink()


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

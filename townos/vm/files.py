"""The files of disk images: finished ones end in `.raw`, and what is on the way to it lies beside them.

Everything here blocks and runs in a worker thread.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from time import time
from typing import Final

from townos.errors import Invalid
from townos.limits import VM_DOWNLOAD_KEPT_SECONDS
from townos.names import VmImageName
from townos.posix.files import sync_directory
from townos.storage.snapshots import SnapshotId
from townos.vm.images import VmImage
from townos.vm.partial import ORIGIN, attribute

DOWNLOAD: Final = ".download"
CONVERSION: Final = ".conversion"
SNAPSHOT: Final = ".kept"


def images(root: Path) -> list[VmImage]:
    """Return the finished images, sorted by name."""
    found = []
    for entry, status in _regular(root):
        try:
            found.append(VmImage(VmImageName.parse(entry.name), status.st_size, attribute(entry, ORIGIN)))
        except Invalid:
            continue  # not an image, or not yet
    return sorted(found, key=lambda image: image.name)


def sweep(root: Path, busy: Collection[VmImageName]) -> None:
    """Delete what earlier processes left and nobody goes on with; of busy images nothing."""
    oldest = time() - VM_DOWNLOAD_KEPT_SECONDS
    kept = {f"{name}{suffix}" for name in busy for suffix in (DOWNLOAD, CONVERSION)}
    for entry, status in _regular(root):
        left = entry.suffix == CONVERSION or (entry.suffix == DOWNLOAD and status.st_mtime < oldest)
        if left and entry.name not in kept:
            unlink(entry)


def remove(root: Path, name: VmImageName) -> None:
    """Delete an image and what is left of its making."""
    for suffix in ("", DOWNLOAD, CONVERSION):
        unlink(root / f"{name}{suffix}")
    sync_directory(root)


def snapshot(root: Path, name: VmImageName, identifier: SnapshotId) -> Path:
    """Return the path of a snapshot of a disk."""
    return root / f"{name}.{identifier}{SNAPSHOT}"


def restore(root: Path, name: VmImageName, identifier: SnapshotId) -> None:
    """Let a snapshot take the place of its disk, if it is there."""
    with suppress(FileNotFoundError):
        snapshot(root, name, identifier).rename(root / name)
    sync_directory(root)


def create(path: Path) -> None:
    """Make a file that only root can read, or empty the one that is there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(path, flags, 0o600))


def finish(made: Path, final: Path, attributes: Mapping[str, str]) -> None:
    """Give a file its extended attributes and its name, all of it to last."""
    descriptor = os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name, value in attributes.items():
            os.setxattr(descriptor, name, value.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    made.rename(final)
    sync_directory(final.parent)


def unlink(path: Path) -> None:
    """Delete a file, if it is there."""
    path.unlink(missing_ok=True)


def _regular(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the regular files; there are none before the directory is made."""
    try:
        entries = list(root.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        status = entry.lstat()
        if S_ISREG(status.st_mode):
            yield entry, status

"""Walking on the btrfs volume by directory descriptors, so that no symbolic link is ever followed.

Everything here blocks and runs in a worker thread.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from stat import S_IMODE
from struct import pack_into, unpack_from
from typing import Final

from townos.errors import Conflict, Invalid, NotFound, Unavailable
from townos.files import OPEN_DIRECTORY, opened_directory
from townos.limits import VOLUME_DEPTH_MAX
from townos.storage.paths import Area, VolumePath

SUBVOLUME_INODE: Final = 256  # BTRFS_FIRST_FREE_OBJECTID: the root directory of every subvolume, and nothing else
_INO_LOOKUP: Final = 0xD0009412  # BTRFS_IOC_INO_LOOKUP: u64 treeid, u64 objectid, char name[4080]
_INO_LOOKUP_BYTES: Final = 4096
_SYNC: Final = 0x9408  # BTRFS_IOC_SYNC: commit the transaction, without waiting for deleted subvolumes
_DIRECTORY_MODE: Final = 0o700
"""Volumes are for root and for the containers that they are mounted into, which do not come this way.

A program in a container may leave a file that runs as root for whoever starts it; nobody else shall be able to.
"""


@contextmanager
def root(path: Path) -> Iterator[int]:
    """Open the btrfs root. Raises `Unavailable` when it is missing or another kind of file system."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unavailable("storage.no_btrfs", str(path)) from error
    try:
        try:
            subvolume_id(descriptor)
        except OSError as error:
            raise Unavailable("storage.no_btrfs", str(path)) from error
        yield descriptor
    finally:
        os.close(descriptor)


def subvolume_id(descriptor: int) -> int:
    """Return the id of the subvolume that an open directory is in. Raises `OSError` on another file system."""
    buffer = bytearray(_INO_LOOKUP_BYTES)
    pack_into("=QQ", buffer, 0, 0, SUBVOLUME_INODE)
    ioctl(descriptor, _INO_LOOKUP, buffer)
    (tree,) = unpack_from("=Q", buffer)
    return int(tree)


def commit(descriptor: int) -> None:
    """Make all that was done last through a power cut."""
    ioctl(descriptor, _SYNC)


def keep_private(top: int, name: str) -> None:
    """Close a directory to everybody but root. Raises `OSError` for anything but a directory."""
    with opened_directory(top, [name]) as descriptor:
        if S_IMODE(os.fstat(descriptor).st_mode) != _DIRECTORY_MODE:
            os.fchmod(descriptor, _DIRECTORY_MODE)


def is_subvolume(descriptor: int) -> bool:
    """Tell whether an open directory is the root of a subvolume."""
    return os.fstat(descriptor).st_ino == SUBVOLUME_INODE


@contextmanager
def volume(top: int, path: VolumePath) -> Iterator[int | None]:
    """Open a volume; None when there is no such subvolume. Raises `Invalid` for a symbolic link in its path."""
    with _descended(top, path.parts) as descriptor:
        yield descriptor if descriptor is not None and is_subvolume(descriptor) else None


@contextmanager
def _descended(top: int, parts: Sequence[str]) -> Iterator[int | None]:
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(opened_directory(top, parts))
        except FileNotFoundError:
            descriptor = None
        except OSError as error:
            raise Invalid("storage.not_a_directory", "/".join(parts)) from error
        yield descriptor


@contextmanager
def parent(top: int, path: VolumePath) -> Iterator[int]:
    """Open the directory for a new volume, made if needed.

    Raises `Conflict` when the path is taken or something above it is a volume, `Invalid` for a symbolic link.
    """
    with _descended(top, path.parts[:1]) as area:
        if area is None:
            raise Unavailable("storage.no_root", path.area.value)
        descriptor = os.dup(area)
    try:
        for depth, part in enumerate(path.parts[1:-1], start=2):
            descriptor = _step_down(descriptor, part, path, depth)
        if _exists(path.parts[-1], descriptor):
            raise Conflict("storage.exists", told(path))
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def above(top: int, path: VolumePath) -> Iterator[int]:
    """Open the directory that holds an existing volume. Raises `NotFound`."""
    with _descended(top, path.parts[:-1]) as descriptor:
        if descriptor is None:
            raise NotFound("storage.not_found", told(path))
        yield descriptor


def _step_down(descriptor: int, part: str, path: VolumePath, depth: int) -> int:
    with suppress(FileExistsError):
        os.mkdir(part, _DIRECTORY_MODE, dir_fd=descriptor)
    try:
        below = os.open(part, OPEN_DIRECTORY, dir_fd=descriptor)
    except OSError as error:
        raise Invalid("storage.not_a_directory", str(path)) from error
    if is_subvolume(below):
        os.close(below)
        raise Conflict("storage.inside_volume", told(path), told(VolumePath(path.parts[:depth])))
    os.close(descriptor)
    return below


def remove_empty_parents(top: int, path: VolumePath) -> None:
    """Remove the plain directories above a volume that are empty now; the root names stay."""
    for depth in range(len(path.parts) - 1, 1, -1):
        with _descended(top, path.parts[: depth - 1]) as above:
            if above is None or not _exists(path.parts[depth - 1], above):
                continue
            # rmdir would delete an empty subvolume too, and that is somebody's volume.
            if os.stat(path.parts[depth - 1], dir_fd=above, follow_symlinks=False).st_ino == SUBVOLUME_INODE:
                return
            try:
                os.rmdir(path.parts[depth - 1], dir_fd=above)
            except OSError:  # not empty
                return


def volumes(top: int) -> Iterator[tuple[VolumePath, int]]:
    """Yield the path and the subvolume id of every volume. Never looks into a volume, so it is quick."""
    for area in Area:
        try:
            descriptor = os.open(area.value, OPEN_DIRECTORY, dir_fd=top)
        except OSError:
            continue
        try:
            yield from _walk(descriptor, (area.value,))
        finally:
            os.close(descriptor)


def _walk(descriptor: int, above: tuple[str, ...]) -> Iterator[tuple[VolumePath, int]]:
    with os.scandir(descriptor) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for name in names:
        parts = (*above, name)
        try:
            path = VolumePath.found(parts)
            with opened_directory(descriptor, [name]) as below:
                if is_subvolume(below):
                    yield path, subvolume_id(below)
                elif len(parts) < VOLUME_DEPTH_MAX:
                    yield from _walk(below, parts)
        except (Invalid, FileNotFoundError, NotADirectoryError):
            continue  # a foreign name, or a directory that went away meanwhile


def _exists(name: str, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def told(path: VolumePath) -> str:
    """Return the name that people know a volume by."""
    return "/".join(path.rest) if path.area is Area.USER else str(path)

"""Walking on the btrfs volume by directory descriptors, so that no symbolic link is ever followed.

Everything here blocks and runs in a worker thread.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import Final

from townos.errors import Conflict, Invalid, NotFound, Unavailable
from townos.limits import VOLUME_DEPTH_MAX
from townos.posix.entries import is_there
from townos.posix.files import OPEN_DIRECTORY, opened_directory
from townos.storage.btrfs.subvolumes import SUBVOLUME_INODE, is_subvolume, subvolume_id
from townos.storage.paths import Area, VolumePath

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


def keep_private(top: int, name: str) -> None:
    """Close a directory to everybody but root. Raises `OSError` for anything but a directory."""
    with opened_directory(top, [name]) as descriptor:
        if S_IMODE(os.fstat(descriptor).st_mode) != _DIRECTORY_MODE:
            os.fchmod(descriptor, _DIRECTORY_MODE)


@contextmanager
def subvolume(top: int, parts: Sequence[str]) -> Iterator[int | None]:
    """Open a subvolume; None when there is none. Raises `Invalid` for a symbolic link in its path."""
    with descended(top, parts) as descriptor:
        yield descriptor if descriptor is not None and is_subvolume(descriptor) else None


@contextmanager
def volume(top: int, path: VolumePath) -> Iterator[int]:
    """Open a volume. Raises `NotFound`, and `Invalid` for a symbolic link in its path."""
    with subvolume(top, path.parts) as descriptor:
        if descriptor is None:
            raise NotFound("storage.not_found", told(path.parts))
        yield descriptor


@contextmanager
def descended(top: int, parts: Sequence[str]) -> Iterator[int | None]:
    """Open a directory; None when there is none. Raises `Invalid` for a symbolic link or a file in its path."""
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(opened_directory(top, parts))
        except FileNotFoundError:
            descriptor = None
        except OSError as error:
            raise Invalid("storage.not_a_directory", "/".join(parts)) from error
        yield descriptor


@contextmanager
def parent(top: int, parts: Sequence[str]) -> Iterator[int]:
    """Open the directory for something new, made if needed; what was made goes again if the block fails.

    Raises `Conflict` when the path is taken or something above it is a volume, `Invalid` for a symbolic link.
    """
    with descended(top, parts[:1]) as area:
        if area is None:
            raise Unavailable("storage.no_root", parts[0])
        descriptor = os.dup(area)
    try:
        for depth in range(2, len(parts)):
            descriptor = _step_down(descriptor, parts, depth)
        _require_free(descriptor, parts)
        yield descriptor
    except BaseException:
        remove_empty_parents(top, parts)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def above(top: int, parts: Sequence[str]) -> Iterator[int]:
    """Open the directory that holds something. Raises `NotFound`."""
    with descended(top, parts[:-1]) as descriptor:
        if descriptor is None:
            raise NotFound("storage.not_found", told(parts))
        yield descriptor


def _require_free(descriptor: int, parts: Sequence[str]) -> None:
    if is_there(descriptor, parts[-1]):
        raise Conflict("storage.exists", told(parts))


def _step_down(descriptor: int, parts: Sequence[str], depth: int) -> int:
    part = parts[depth - 1]
    with suppress(FileExistsError):
        os.mkdir(part, _DIRECTORY_MODE, dir_fd=descriptor)
    try:
        below = os.open(part, OPEN_DIRECTORY, dir_fd=descriptor)
    except OSError as error:
        raise Invalid("storage.not_a_directory", "/".join(parts)) from error
    if is_subvolume(below):
        os.close(below)
        raise Conflict("storage.inside_volume", told(parts), told(parts[:depth]))
    os.close(descriptor)
    return below


def remove_empty_parents(top: int, parts: Sequence[str]) -> None:
    """Remove the plain directories above a path that are empty now; the root names stay."""
    for depth in range(len(parts) - 1, 1, -1):
        name = parts[depth - 1]
        with descended(top, parts[: depth - 1]) as directory:
            if directory is None or not is_there(directory, name):
                continue
            # rmdir would delete an empty subvolume too, and that is somebody's volume.
            if os.stat(name, dir_fd=directory, follow_symlinks=False).st_ino == SUBVOLUME_INODE:
                return
            try:
                os.rmdir(name, dir_fd=directory)
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


def told(parts: Sequence[str]) -> str:
    """Return the name that people know a volume by."""
    return "/".join(parts[1:] if parts[0] == Area.USER else parts)

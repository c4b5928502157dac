"""Copying what was unpacked from its staging directory into the volume, without copying any content on btrfs.

Only root reaches the source, where there are but files, directories and symbolic links. The target is in a volume that
a program may be using at the same time, so both are walked by directory descriptors and no link is followed.
"""

import os
import stat
from collections.abc import Callable
from typing import Final

from townos.files import opened_directory
from townos.limits import ARCHIVE_COPY_BYTES

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC

Parts = tuple[str, ...]


class Bringing:
    """One copy of a tree; `stop` is called for each thing and raises when it is to end. Blocks."""

    def __init__(self, source: int, target: int, stop: Callable[[], None]) -> None:
        """Copy from one open directory to another."""
        self._source = source
        self._target = target
        self._stop = stop
        self._first_names: dict[int, Parts] = {}
        """Where a file with several names has been copied to, by its inode."""

    def run(self) -> None:
        """Copy what the directory holds. Raises `OSError`."""
        self._fill(self._source, self._target, ())

    def _fill(self, source: int, target: int, above: Parts) -> None:
        for name in os.listdir(source):
            self._stop()
            like = os.stat(name, dir_fd=source, follow_symlinks=False)
            if stat.S_ISDIR(like.st_mode):
                self._directory(source, target, (*above, name), like)
            elif stat.S_ISLNK(like.st_mode):
                bring_link(source, target, name, like)
            else:
                self._file(source, target, (*above, name), like)

    def _directory(self, source: int, target: int, path: Parts, like: os.stat_result) -> None:
        os.mkdir(path[-1], 0o700, dir_fd=target)
        with opened_directory(source, path[-1:]) as below, opened_directory(target, path[-1:]) as made:
            self._fill(below, made, path)
            _look_like(made, like)

    def _file(self, source: int, target: int, path: Parts, like: os.stat_result) -> None:
        first = self._first_names.get(like.st_ino)
        if first is not None:
            with opened_directory(self._target, first[:-1]) as there:
                os.link(first[-1], path[-1], src_dir_fd=there, dst_dir_fd=target, follow_symlinks=False)
            return
        bring_file(source, target, path[-1], like, self._stop)
        if like.st_nlink > 1:
            self._first_names[like.st_ino] = path


def bring_link(source: int, target: int, name: str, like: os.stat_result) -> None:
    """Copy a symbolic link."""
    os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
    os.chown(name, like.st_uid, like.st_gid, dir_fd=target, follow_symlinks=False)
    os.utime(name, ns=(like.st_atime_ns, like.st_mtime_ns), dir_fd=target, follow_symlinks=False)


def bring_file(source: int, target: int, name: str, like: os.stat_result, stop: Callable[[], None]) -> None:
    """Copy a file with what it is allowed to have."""
    with (
        os.fdopen(os.open(name, _READ, dir_fd=source), "rb", buffering=0) as old,
        os.fdopen(os.open(name, _NEW, 0o600, dir_fd=target), "wb", buffering=0) as new,
    ):
        # On btrfs the two files share the content from then on, also in different subvolumes.
        left = like.st_size
        while left and (copied := os.copy_file_range(old.fileno(), new.fileno(), min(left, ARCHIVE_COPY_BYTES))):
            left -= copied
            stop()
        for attribute in os.listxattr(old.fileno()):
            os.setxattr(new.fileno(), attribute, os.getxattr(old.fileno(), attribute))
        _look_like(new.fileno(), like)


def _look_like(descriptor: int, like: os.stat_result) -> None:
    os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
    os.utime(descriptor, ns=(like.st_atime_ns, like.st_mtime_ns))

"""Copying something out of a snapshot exactly as it is there: content, owners, modes, times, attributes, links.

On btrfs the copy shares its content with the snapshot, so it costs nothing but its place in the directories. The
snapshot does not change; the target is in a volume that a program may be using, so both are walked by directory
descriptors, one name at a time, and no link is followed. Everything here blocks.
"""

import errno
import os
import stat
from array import array
from collections.abc import Callable, Sequence
from fcntl import ioctl
from pathlib import Path
from typing import Final

from townos.errors import Invalid
from townos.files import opened_directory
from townos.limits import RESTORE_COPY_BYTES, RESTORE_DEPTH_MAX
from townos.storage.directories import names
from townos.storage.history.browsing import at_path

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_ONLY_NAMED: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_GET_FLAGS: Final = 0x80086601  # FS_IOC_GETFLAGS: int flags, whatever the number says of its size
_SET_FLAGS: Final = 0x40086602  # FS_IOC_SETFLAGS
_NO_COPY_ON_WRITE: Final = 0x00800000  # FS_NOCOW_FL: two files share content only if both have it, or neither
_WITHOUT_FLAGS: Final = frozenset({errno.ENOTTY, errno.EOPNOTSUPP})

Parts = tuple[str, ...]


class Copying:
    """One copy; `stop` is called for each thing and raises when it is to end."""

    def __init__(self, target: int, stop: Callable[[], None]) -> None:
        """Copy to below one open directory."""
        self._target = target
        self._stop = stop
        self._first_names: dict[int, Parts] = {}
        """Where a file with several names has been copied to, by its inode."""

    def run(self, source: int, parts: Sequence[str]) -> None:
        """Copy what is at the end of `parts` below an open directory; the names before it lead to the same place.

        Of the directories on the way only the way itself is made, each as it is in the source. Raises `Invalid` where
        the copy would be too deep, and `OSError`.
        """
        self._way(source, self._target, (), parts)

    def _way(self, source: int, target: int, above: Parts, parts: Sequence[str]) -> None:
        name, *rest = parts
        path = (*above, name)
        if not rest:
            self._thing(source, target, path)
            return
        os.mkdir(name, 0o700, dir_fd=target)
        with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
            _share_flag(below, made)
            self._way(below, made, path, rest)
            _look_like(below, made)

    def _thing(self, source: int, target: int, path: Parts) -> None:
        self._stop()
        name = path[-1]
        like = os.stat(name, dir_fd=source, follow_symlinks=False)
        match stat.S_IFMT(like.st_mode):
            case stat.S_IFDIR:
                self._directory(source, target, path)
            case stat.S_IFREG:
                self._file(source, target, path, like)
            case stat.S_IFLNK:
                os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
                os.chown(name, like.st_uid, like.st_gid, dir_fd=target, follow_symlinks=False)
                os.utime(name, ns=(like.st_atime_ns, like.st_mtime_ns), dir_fd=target, follow_symlinks=False)
            case _:
                _node(target, name, like)

    def _directory(self, source: int, target: int, path: Parts) -> None:
        if len(path) > RESTORE_DEPTH_MAX:
            raise at_path(Invalid, "storage.too_deep_to_restore", RESTORE_DEPTH_MAX)
        name = path[-1]
        os.mkdir(name, 0o700, dir_fd=target)
        with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
            _share_flag(below, made)
            for inside in names(below):
                self._thing(below, made, (*path, inside))
            _look_like(below, made)

    def _file(self, source: int, target: int, path: Parts, like: os.stat_result) -> None:
        first = self._first_names.get(like.st_ino)
        if first is not None:
            with opened_directory(self._target, first[:-1]) as there:
                os.link(first[-1], path[-1], src_dir_fd=there, dst_dir_fd=target, follow_symlinks=False)
            return
        self._content(source, target, path[-1])
        if like.st_nlink > 1:
            self._first_names[like.st_ino] = path

    def _content(self, source: int, target: int, name: str) -> None:
        with (
            os.fdopen(os.open(name, _READ, dir_fd=source), "rb", buffering=0) as old,
            os.fdopen(os.open(name, _NEW, 0o600, dir_fd=target), "wb", buffering=0) as new,
        ):
            _share_flag(old.fileno(), new.fileno())
            while os.copy_file_range(old.fileno(), new.fileno(), RESTORE_COPY_BYTES):
                self._stop()
            _look_like(old.fileno(), new.fileno())


def _look_like(source: int, target: int) -> None:
    """Give an open file or directory what another one has beside its content."""
    like = os.fstat(source)
    os.fchown(target, like.st_uid, like.st_gid)
    os.fchmod(target, stat.S_IMODE(like.st_mode))  # after the owner: changing that takes the set-id bits away
    attributes = os.listxattr(source)
    for inherited in set(os.listxattr(target)).difference(attributes):
        os.removexattr(target, inherited)
    for attribute in attributes:
        os.setxattr(target, attribute, os.getxattr(source, attribute))
    os.utime(target, ns=(like.st_atime_ns, like.st_mtime_ns))


def _node(target: int, name: str, like: os.stat_result) -> None:
    """Make a FIFO, a socket or a device."""
    os.mknod(name, like.st_mode, device=like.st_rdev, dir_fd=target)
    descriptor = os.open(name, _ONLY_NAMED, dir_fd=target)
    try:
        # By this name it is the thing itself that changes, whatever a program has put into its place meanwhile.
        itself = f"/proc/self/fd/{descriptor}"
        os.chown(itself, like.st_uid, like.st_gid)
        Path(itself).chmod(stat.S_IMODE(like.st_mode))
        os.utime(itself, ns=(like.st_atime_ns, like.st_mtime_ns))
    finally:
        os.close(descriptor)


def _share_flag(source: int, target: int) -> None:
    """Write in place where the original does; it must be said before there is any content."""
    flags = array("i", [0])
    try:
        ioctl(source, _GET_FLAGS, flags)
        if flags[0] & _NO_COPY_ON_WRITE:
            ioctl(target, _SET_FLAGS, array("i", [_NO_COPY_ON_WRITE]))
    except OSError as error:
        if error.errno not in _WITHOUT_FLAGS:
            raise

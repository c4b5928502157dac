"""Copying a directory of an image's file system as it is, without ever leaving it or the place it is copied to.

An image can hold anything: links that lead out, device nodes, programs that run as root for whoever starts them.
Both sides are walked by directory descriptors, one name at a time, and no symbolic link is followed on the way. Blocks.

What is kept: names, content, numeric owners, modes, times, links (the hard ones within the directory too). Programs
lose setuid and setgid, and files their extended attributes, so that nothing in a volume runs as somebody else.
FIFOs and sockets are left out: they mean nothing without the program that made them. A device is an error.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from townos.errors import Foreign
from townos.images import ImageDirectory, ImageReference
from townos.limits import CONTAINER_COPY_CHUNK_BYTES, CONTAINER_COPY_DEPTH_MAX, CONTAINER_COPY_MAX_ENTRIES
from townos.posix.files import opened_directory

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_RUNS_AS_OTHERS: Final = stat.S_ISUID | stat.S_ISGID


@dataclass(slots=True)
class Copy:
    """One copy of one directory.

    `stop` is called often and raises when the copy is to end; `copied` gets the bytes so far, now and then.
    """

    image: ImageReference
    directory: ImageDirectory
    stop: Callable[[], None]
    copied: Callable[[int], None]
    _entries: int = 0
    _bytes: int = 0
    _linked: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    """Where the first of several names of a file has been copied to, by device and inode of the original."""

    def run(self, source: int, target: int) -> None:
        """Copy what one open directory holds, its own owner and mode included, into another one.

        Raises `Foreign` for a device and beyond the limits, and `OSError`.
        """
        self._fill(source, target, target, ())
        self.copied(self._bytes)

    def _fill(self, source: int, target: int, top: int, above: tuple[str, ...]) -> None:
        if len(above) > CONTAINER_COPY_DEPTH_MAX:
            raise Foreign("container.copy_too_deep", self.image, CONTAINER_COPY_DEPTH_MAX, self.directory)
        for name in sorted(os.listdir(source)):
            self._count()
            self._copy(source, target, top, (*above, name))
        like = os.fstat(source)
        os.fchown(target, like.st_uid, like.st_gid)
        os.fchmod(target, stat.S_IMODE(like.st_mode) & ~stat.S_ISUID)
        os.utime(target, ns=(like.st_atime_ns, like.st_mtime_ns))

    def _count(self) -> None:
        self.stop()
        self._entries += 1
        if self._entries > CONTAINER_COPY_MAX_ENTRIES:
            raise Foreign("container.copy_too_many", self.image, CONTAINER_COPY_MAX_ENTRIES, self.directory)

    def _count_bytes(self, sent: int) -> None:
        before, self._bytes = self._bytes, self._bytes + sent
        if self._bytes // CONTAINER_COPY_CHUNK_BYTES > before // CONTAINER_COPY_CHUNK_BYTES:
            self.copied(self._bytes)

    def _copy(self, source: int, target: int, top: int, path: tuple[str, ...]) -> None:
        name = path[-1]
        like = os.stat(name, dir_fd=source, follow_symlinks=False)
        if stat.S_ISDIR(like.st_mode):
            os.mkdir(name, 0o700, dir_fd=target)
            with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
                self._fill(below, made, top, path)
        elif stat.S_ISLNK(like.st_mode):
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
            os.chown(name, like.st_uid, like.st_gid, dir_fd=target, follow_symlinks=False)
        elif stat.S_ISREG(like.st_mode):
            self._copy_file(source, target, top, path, like)
        elif not (stat.S_ISFIFO(like.st_mode) or stat.S_ISSOCK(like.st_mode)):
            raise Foreign("container.copy_device", self.image, os.fsencode("/".join(path)).decode(errors="replace"))

    def _copy_file(self, source: int, target: int, top: int, path: tuple[str, ...], like: os.stat_result) -> None:
        identity = like.st_dev, like.st_ino
        if first := self._linked.get(identity):
            with opened_directory(top, first[:-1]) as there:
                os.link(first[-1], path[-1], src_dir_fd=there, dst_dir_fd=target, follow_symlinks=False)
            return
        self._copy_content(source, target, path[-1], like)
        if like.st_nlink > 1:
            self._linked[identity] = path

    def _copy_content(self, source: int, target: int, name: str, like: os.stat_result) -> None:
        with (
            os.fdopen(os.open(name, _READ, dir_fd=source), "rb", buffering=0) as old,
            os.fdopen(os.open(name, _NEW_FILE, 0o600, dir_fd=target), "wb", buffering=0) as new,
        ):
            while sent := os.sendfile(new.fileno(), old.fileno(), None, CONTAINER_COPY_CHUNK_BYTES):
                self._count_bytes(sent)
                self.stop()
            os.fchown(new.fileno(), like.st_uid, like.st_gid)
            os.fchmod(new.fileno(), stat.S_IMODE(like.st_mode) & ~_RUNS_AS_OTHERS)
            os.utime(new.fileno(), ns=(like.st_atime_ns, like.st_mtime_ns))

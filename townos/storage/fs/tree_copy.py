"""Copying trees into volumes exactly as they are: out of snapshots, and out of what archives were unpacked to.

The source does not change; the target is in a volume that a program may be using, so both are walked by directory
descriptors, one name at a time, and no link is followed. Everything here blocks.
"""

import os
import stat
from collections.abc import Sequence

from townos.errors import Invalid
from townos.limits import RESTORE_DEPTH_MAX
from townos.posix.files import opened_directory
from townos.storage.fs.entries import Parts, names
from townos.storage.fs.file_copy import copy_alone, look_like, share_mark
from townos.storage.fs.interruption import Stop


class Copying:
    """One copy; `stop` is called for each thing and raises when it is to end."""

    def __init__(self, target: int, stop: Stop) -> None:
        """Copy to below one open directory."""
        self._target = target
        self._stop = stop
        self._first_names: dict[int, Parts] = {}
        """Where a file with several names has been copied to, by its inode."""

    def all(self, source: int) -> None:
        """Copy all that an open directory holds. Raises what `run` raises."""
        for name in names(source):
            self._thing(source, self._target, (name,))

    def run(self, source: int, parts: Sequence[str]) -> None:
        """Copy what is at the end of `parts` below an open directory; the names before it lead to the same place.

        Of the directories on the way only the way itself is made, each as it is in the source. Raises `Invalid` where
        the copy would be too deep, which no archive is, and `OSError`.
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
            share_mark(below, made)
            self._way(below, made, path, rest)
            look_like(below, made)

    def _thing(self, source: int, target: int, path: Parts) -> None:
        self._stop()
        like = os.stat(path[-1], dir_fd=source, follow_symlinks=False)
        if stat.S_ISDIR(like.st_mode):
            self._directory(source, target, path)
        elif not self._linked(target, path, like):
            copy_alone(source, target, path[-1], like, self._stop)

    def _directory(self, source: int, target: int, path: Parts) -> None:
        if len(path) > RESTORE_DEPTH_MAX:
            raise Invalid.at("path", "storage.too_deep_to_restore", RESTORE_DEPTH_MAX)
        name = path[-1]
        os.mkdir(name, 0o700, dir_fd=target)
        with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
            share_mark(below, made)
            for inside in names(below):
                self._thing(below, made, (*path, inside))
            look_like(below, made)

    def _linked(self, target: int, path: Parts, like: os.stat_result) -> bool:
        """Give a file that was copied before another name. The first time, remember it."""
        if like.st_nlink == 1 or not stat.S_ISREG(like.st_mode):
            return False
        first = self._first_names.setdefault(like.st_ino, path)
        if first == path:
            return False
        with opened_directory(self._target, first[:-1]) as there:
            os.link(first[-1], path[-1], src_dir_fd=there, dst_dir_fd=target, follow_symlinks=False)
        return True

"""Copying trees: out of snapshots, out of what archives were unpacked to, and out of images.

The source does not change; the target may be where a program is at work, so both are walked by directory descriptors,
one name at a time, and no link is followed. Everything here blocks.
"""

import os
import stat
from collections.abc import Sequence

from townos.posix.copy_rules import CopyRules
from townos.posix.entries import Parts, names
from townos.posix.file_copy import copy_alone, copy_status, share_mark
from townos.posix.files import opened_directory


class TreeCopy:
    """One copy into an open directory. Its methods raise `OSError`, and what the rules raise."""

    def __init__(self, target: int, rules: CopyRules) -> None:
        self._target = target
        self._rules = rules
        self._first_names: dict[tuple[int, int], Parts] = {}
        """Where a file with several names has been copied to, by its device and inode."""

    def copy_all(self, source: int) -> None:
        """Copy all that an open directory holds."""
        for name in names(source):
            self._copy(source, self._target, (name,))

    def copy_path(self, source: int, parts: Sequence[str]) -> None:
        """Copy what is at the end of `parts` below an open directory; the names before it lead to the same place.

        Of the directories above it nothing else is copied; each is made as it is in the source.
        """
        self._copy_below(source, self._target, (), parts)

    def _copy_below(self, source: int, target: int, above: Parts, parts: Sequence[str]) -> None:
        name, *rest = parts
        path = (*above, name)
        if not rest:
            self._copy(source, target, path)
            return
        os.mkdir(name, 0o700, dir_fd=target)
        with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
            share_mark(below, made, self._rules)
            self._copy_below(below, made, path, rest)
            copy_status(below, made, self._rules)

    def _copy(self, source: int, target: int, path: Parts) -> None:
        found = os.stat(path[-1], dir_fd=source, follow_symlinks=False)
        if not self._rules.takes(path, found):
            return
        if stat.S_ISDIR(found.st_mode):
            self._copy_directory(source, target, path)
        elif not self._linked(target, path, found):
            copy_alone(source, target, path[-1], found, self._rules)

    def _copy_directory(self, source: int, target: int, path: Parts) -> None:
        name = path[-1]
        os.mkdir(name, 0o700, dir_fd=target)
        with opened_directory(source, [name]) as below, opened_directory(target, [name]) as made:
            share_mark(below, made, self._rules)
            for inside in names(below):
                self._copy(below, made, (*path, inside))
            copy_status(below, made, self._rules)

    def _linked(self, target: int, path: Parts, found: os.stat_result) -> bool:
        """Give a file that was copied before another name. The first time, remember it."""
        if found.st_nlink == 1 or not stat.S_ISREG(found.st_mode):
            return False
        first = self._first_names.setdefault((found.st_dev, found.st_ino), path)
        if first == path:
            return False
        with opened_directory(self._target, first[:-1]) as there:
            os.link(first[-1], path[-1], src_dir_fd=there, dst_dir_fd=target, follow_symlinks=False)
        return True

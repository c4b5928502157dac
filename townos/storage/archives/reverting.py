"""Taking back what an archive has changed in a volume, from a snapshot, in place: a running program keeps its volume.

Only what the archive names is looked at; all else, and what has never been replaced, stays untouched.
"""

import os
import shutil
import stat
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from townos.files import exchange, opened_directory, rename_if_free
from townos.storage.archives.bringing import Parts, bring_file, bring_link
from townos.storage.archives.placing import names, times

_HERE: Final = "."


class Reverting:
    """One way back. The four directories are open; `room` is an empty one in the volume. Blocks."""

    def __init__(self, named: int, before: int, volume: int, room: int) -> None:
        """What `named` holds becomes in `volume` what it is in `before`."""
        self._named = named
        self._before = before
        self._volume = volume
        self._room = room
        self._again: dict[int, Parts] = {}
        """Where a file of the snapshot that has several names is in the volume again, by its inode."""

    def run(self) -> None:
        """Do it. Raises `OSError`; then it can be done again."""
        self._directory(())

    def _directory(self, path: Parts) -> None:
        with (
            opened_directory(self._named, path) as named,
            opened_directory(self._before, path) as before,
            opened_directory(self._volume, path) as now,
        ):
            for name in names(named):
                was, there = _seen(before, name), _seen(now, name)
                if was is None:
                    _remove(now, name)
                elif stat.S_ISDIR(was.st_mode):
                    if there is not None and stat.S_ISDIR(there.st_mode) and _is_directory(named, name):
                        self._directory((*path, name))
                elif there is None or there.st_ino != was.st_ino:  # a snapshot has the same inodes
                    self._bring_back((*path, name), before, now, was)
            os.utime(now, ns=times(before))

    def _bring_back(self, path: Parts, before: int, now: int, was: os.stat_result) -> None:
        """Put what was there beside it and then, in one step, in its place."""
        name = path[-1]
        _remove(self._room, name)
        other = self._other_name(was)
        if other is not None:
            with opened_directory(self._volume, other[:-1]) as there:
                os.link(other[-1], name, src_dir_fd=there, dst_dir_fd=self._room, follow_symlinks=False)
        elif stat.S_ISREG(was.st_mode):
            bring_file(before, self._room, name, was, _go_on)
        elif stat.S_ISLNK(was.st_mode):
            bring_link(before, self._room, name, was)
        else:
            _make_special(self._room, name, was)
        if _seen(now, name) is None:
            rename_if_free(self._room, now, name)
        elif not _is_directory(now, name):
            exchange(self._room, name, now, name)
        self._again[was.st_ino] = path

    def _other_name(self, was: os.stat_result) -> Parts | None:
        """Return a name that a file has in the volume still, or again."""
        if was.st_nlink == 1:
            return None
        if was.st_ino in self._again:
            return self._again[was.st_ino]
        return next((path for path in self._names.get(was.st_ino, ()) if self._has(path, was.st_ino)), None)

    def _has(self, path: Parts, inode: int) -> bool:
        try:
            with opened_directory(self._volume, path[:-1]) as directory:
                return os.stat(path[-1], dir_fd=directory, follow_symlinks=False).st_ino == inode
        except OSError:  # it is gone, or something else has come: so it is not the file
            return False

    @cached_property
    def _names(self) -> Mapping[int, Sequence[Parts]]:
        """The paths of the files in the snapshot that have several, by inode."""
        found: defaultdict[int, list[Parts]] = defaultdict(list)
        for directory, _, files, descriptor in os.fwalk(_HERE, dir_fd=self._before):
            above = tuple(part for part in directory.split("/") if part != _HERE)
            for name in files:
                seen = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if seen.st_nlink > 1:
                    found[seen.st_ino].append((*above, name))
        return found


def _go_on() -> None:
    """Let nothing stop the way back."""


def _seen(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_directory(directory: int, name: str) -> bool:
    seen = _seen(directory, name)
    return seen is not None and stat.S_ISDIR(seen.st_mode)


def _remove(directory: int, name: str) -> None:
    if _is_directory(directory, name):
        shutil.rmtree(name, dir_fd=directory)
    elif _seen(directory, name) is not None:
        os.unlink(name, dir_fd=directory)


def _make_special(directory: int, name: str, like: os.stat_result) -> None:
    """Make a FIFO, a socket's name or a device, which only a program in the volume can have made."""
    os.mknod(name, like.st_mode, like.st_rdev, dir_fd=directory)
    os.chown(name, like.st_uid, like.st_gid, dir_fd=directory, follow_symlinks=False)
    os.chmod(name, stat.S_IMODE(like.st_mode), dir_fd=directory)
    os.utime(name, ns=(like.st_atime_ns, like.st_mtime_ns), dir_fd=directory, follow_symlinks=False)

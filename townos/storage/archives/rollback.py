"""Rolling back what an archive has changed in a volume, from a snapshot, in place: a running program keeps its volume.

Only what the archive names is looked at; all else, and what has never been replaced, stays untouched.
"""

import os
import stat
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from townos.limits import ARCHIVE_DEPTH_MAX, VOLUME_CLEARING_TIMEOUT_SECONDS
from townos.posix.checkpoints import Checkpoint, at_most
from townos.posix.entries import Parts, is_directory, names, status, times
from townos.posix.file_copy import copy_alone
from townos.posix.files import exchange, opened_directory, rename_if_free
from townos.posix.removal import remove
from townos.storage.exact_copy import ExactCopy


class Rollback:
    """One rollback. The four directories are open; `staging` is an empty one in the volume. Blocks."""

    def __init__(self, named: int, before: int, volume: int, staging: int, checkpoint: Checkpoint) -> None:
        """What `named` holds becomes in `volume` what it is in `before`."""
        self._named = named
        self._before = before
        self._volume = volume
        self._staging = staging
        self._checkpoint = checkpoint
        self._restored: dict[int, Parts] = {}
        """Where a file of the snapshot that has several names was restored, by its inode."""

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
                self._checkpoint()
                was, there = status(before, name), status(now, name)
                if was is None:
                    _remove(now, name)
                elif stat.S_ISDIR(was.st_mode):
                    if there is not None and stat.S_ISDIR(there.st_mode) and is_directory(named, name):
                        self._directory((*path, name))
                elif there is None or there.st_ino != was.st_ino:  # a snapshot has the same inodes
                    self._restore((*path, name), before, now, was)
            os.utime(now, ns=times(before))

    def _restore(self, path: Parts, before: int, now: int, was: os.stat_result) -> None:
        """Copy what was there into the staging directory, and then, in one step, to its place."""
        name = path[-1]
        _remove(self._staging, name)
        other = self._other_name(was)
        if other is not None:
            with opened_directory(self._volume, other[:-1]) as there:
                os.link(other[-1], name, src_dir_fd=there, dst_dir_fd=self._staging, follow_symlinks=False)
        else:
            copy_alone(before, self._staging, name, was, ExactCopy(self._checkpoint))
        if status(now, name) is None:
            rename_if_free(self._staging, now, name)
        elif not is_directory(now, name):
            exchange(self._staging, name, now, name)
        self._restored[was.st_ino] = path

    def _other_name(self, was: os.stat_result) -> Parts | None:
        """Return a name that a file has in the volume: it stayed, or was restored."""
        if was.st_nlink == 1:
            return None
        if was.st_ino in self._restored:
            return self._restored[was.st_ino]
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
        _collect_names(self._before, (), found)
        return found


def _collect_names(directory: int, above: Parts, found: Mapping[int, list[Parts]]) -> None:
    """Look no deeper than archives reach: what has another name only deeper than that becomes a file of its own."""
    for name in names(directory):
        seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISDIR(seen.st_mode) and len(above) < ARCHIVE_DEPTH_MAX:
            with opened_directory(directory, [name]) as below:
                _collect_names(below, (*above, name), found)
        elif not stat.S_ISDIR(seen.st_mode) and seen.st_nlink > 1:
            found[seen.st_ino].append((*above, name))


def _remove(directory: int, name: str) -> None:
    remove(directory, name, at_most(VOLUME_CLEARING_TIMEOUT_SECONDS))

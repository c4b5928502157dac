"""Restoring a single path of a volume from a snapshot, while the volume is in use. Blocks.

The copy is made in a staging directory in the volume and then exchanged with what is there, in one step: whoever looks
sees the old or the new, whole. From then on the staging directory holds the old. Each call may be interrupted anywhere
and done again; what has been done before can be seen there: a marker tells the inode of the copy.

A program in a container may reach the staging directory. No link is followed, so whatever it does there stays in its
volume.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from townos.errors import Conflict
from townos.names import InnerPath
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import is_there, names, status
from townos.posix.files import exchange, opened_directory, rename_if_free
from townos.posix.removal import remove
from townos.posix.tree_copy import TreeCopy
from townos.storage.exact_copy import ExactCopy

_STAGING: Final = ".town-os-restore"
_COPY: Final = "copy"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A finished copy: the open directory that it was made in, its name there and in the volume, and its inode.

    `above` are the names of the directories of its place; `alone` tells that its place must be free.
    """

    copy: int
    above: tuple[str, ...]
    name: str
    inode: int
    alone: bool

    def waits(self) -> bool:
        """Tell whether it has not been put to its place yet."""
        return _inode(self.copy, self.name) == self.inode


class PathSwap:
    """One path, which is going to be what it is in a snapshot. All raise `OSError`, also for what a program hinders."""

    def __init__(self, volume: Path, path: InnerPath) -> None:
        """Work in the directory of a volume."""
        self._volume = volume
        self._parts = path.parts

    def prepare(self, snapshot: Path, checkpoint: Checkpoint) -> None:
        """Copy what the snapshot has, with the directories above it that the volume lacks.

        Raises `Conflict` where a directory above it is something else by now, `Invalid` for what is too deep.
        """
        with opened_directory(self._volume) as volume, opened_directory(snapshot) as source:
            remove(volume, _STAGING, checkpoint)
            depth = self._depth_there(volume)
            os.mkdir(_STAGING, 0o700, dir_fd=volume)
            with opened_directory(volume, [_STAGING]) as staging:
                os.mkdir(_COPY, 0o700, dir_fd=staging)
                with opened_directory(staging, [_COPY]) as copy, opened_directory(source, self._parts[:depth]) as above:
                    TreeCopy(copy, ExactCopy(checkpoint)).copy_path(above, self._parts[depth:])
                    os.mkdir(f"{depth}-{_inode(copy, self._parts[depth])}", 0o700, dir_fd=staging)  # it is whole

    def swap(self) -> None:
        """Put the copy to its place. Raises `Conflict` when there is none, or its place was taken meanwhile."""
        with opened_directory(self._volume) as volume, self._prepared(volume) as prepared:
            if prepared is None:
                raise _changed()
            if prepared.waits():
                with opened_directory(volume, prepared.above) as target:
                    _put(prepared, target)

    def swap_back(self) -> None:
        """Undo `swap`, as far as it was done. Raises `Conflict` when something else is in its place by now."""
        with opened_directory(self._volume) as volume, self._prepared(volume) as prepared:
            if prepared is None or prepared.waits():
                return
            with opened_directory(volume, prepared.above) as target:
                if _inode(target, prepared.name) != prepared.inode:
                    raise _changed()
                if is_there(prepared.copy, prepared.name):
                    exchange(prepared.copy, prepared.name, target, prepared.name)
                else:
                    rename_if_free(target, prepared.copy, prepared.name)

    def clear(self, checkpoint: Checkpoint) -> None:
        """Delete the staging directory with what it holds."""
        with opened_directory(self._volume) as volume:
            remove(volume, _STAGING, checkpoint)

    def _depth_there(self, volume: int) -> int:
        """Return how many of the directories above the path are in the volume."""
        *above, _ = self._parts
        for depth in range(len(above)):
            try:
                with opened_directory(volume, above[: depth + 1]):
                    continue
            except FileNotFoundError:
                return depth
            except OSError as error:
                lost = "/".join(above[: depth + 1])
                raise Conflict.at("path", "storage.no_directory_any_more", lost) from error
        return len(above)

    @contextmanager
    def _prepared(self, volume: int) -> Iterator[_Prepared | None]:
        """Give the copy; None if it is not whole."""
        with ExitStack() as stack:
            try:
                staging = stack.enter_context(opened_directory(volume, [_STAGING]))
                copy = stack.enter_context(opened_directory(staging, [_COPY]))
            except FileNotFoundError:
                prepared = None
            else:
                prepared = self._marked(staging, copy)
            yield prepared

    def _marked(self, staging: int, copy: int) -> _Prepared | None:
        for name in names(staging):
            depth, _, inode = name.partition("-")
            if depth.isdecimal() and inode.isdecimal() and int(depth) < len(self._parts):
                alone = int(depth) < len(self._parts) - 1
                return _Prepared(copy, self._parts[: int(depth)], self._parts[int(depth)], int(inode), alone=alone)
        return None


def _put(prepared: _Prepared, target: int) -> None:
    if not prepared.alone and is_there(target, prepared.name):
        exchange(prepared.copy, prepared.name, target, prepared.name)
        return
    try:
        rename_if_free(prepared.copy, target, prepared.name)
    except FileExistsError as error:
        raise _changed() from error


def _inode(directory: int, name: str) -> int | None:
    found = status(directory, name)
    return found.st_ino if found else None


def _changed() -> Conflict:
    return Conflict("storage.changed_meanwhile")

"""Giving what git has written as root to whom the directory belongs: a program in a container may be somebody else.

No symbolic link is followed.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from townos.git.native.paths import components
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import opened_directory


def give_all(directory: Path, checkpoint: Checkpoint) -> None:
    """Give all that is in a directory to the owner of the directory."""
    with opened_directory(directory) as top:
        if (owner := _owner(top)) != _ourselves():
            _give_below(top, owner, checkpoint)


def give_metadata(directory: Path) -> None:
    """Give all that is in `.git` to the owner of the directory."""
    with opened_directory(directory) as top:
        if (owner := _owner(top)) != _ourselves():
            with opened_directory(top, [".git"]) as metadata:
                _give_below(metadata, owner, lambda: None)


def give(directory: Path, paths: Iterable[str]) -> None:
    """Give these files, and the directories above them that are ours, to the owner of the directory."""
    with opened_directory(directory) as top:
        if (owner := _owner(top)) != _ourselves():
            for names in sorted(set(_above_and_self(paths))):
                _give_one(top, names, owner)


def _give_one(top: int, names: tuple[str, ...], owner: tuple[int, int]) -> None:
    with suppress(FileNotFoundError, NotADirectoryError), opened_directory(top, names[:-1]) as parent:
        found = os.stat(names[-1], dir_fd=parent, follow_symlinks=False)
        if (found.st_uid, found.st_gid) == _ourselves():
            os.chown(names[-1], *owner, dir_fd=parent, follow_symlinks=False)


def _ourselves() -> tuple[int, int]:
    return os.geteuid(), os.getegid()


def _owner(directory: int) -> tuple[int, int]:
    found = os.fstat(directory)
    return found.st_uid, found.st_gid


def _above_and_self(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for path in paths:
        names = tuple(components(path))
        yield from (names[:depth] for depth in range(1, len(names) + 1))


def _give_below(top: int, owner: tuple[int, int], checkpoint: Checkpoint) -> None:
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        above = waiting.pop()
        checkpoint()
        with opened_directory(top, above) as directory, os.scandir(directory) as entries:
            for entry in entries:
                os.chown(entry.name, *owner, dir_fd=directory, follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((*above, entry.name))

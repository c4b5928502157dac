"""Giving what git has written as root to whom the directory belongs: a program in a container may be somebody else."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from townos.files import opened_directory
from townos.git.native.paths import components
from townos.git.native.transfer import Stop


def give_all(directory: Path, stop: Stop) -> None:
    """Give all that is in a directory to the owner of the directory. No symbolic link is followed."""
    with opened_directory(directory) as top:
        owner = _owner(top)
        if owner != (os.geteuid(), os.getegid()):
            _give_below(top, owner, stop)


def give(directory: Path, paths: Iterable[str], stop: Stop) -> None:
    """Give `.git`, these files and the directories above them to the owner of the directory, if root has them."""
    with opened_directory(directory) as top:
        owner, mine = _owner(top), (os.geteuid(), os.getegid())
        if owner == mine:
            return
        with opened_directory(top, [".git"]) as metadata:
            _give_below(metadata, owner, stop)
        for names in sorted(set(_above_and_self(paths))):
            stop()
            with suppress(FileNotFoundError, NotADirectoryError), opened_directory(top, names[:-1]) as parent:
                found = os.stat(names[-1], dir_fd=parent, follow_symlinks=False)
                if (found.st_uid, found.st_gid) == mine:
                    os.chown(names[-1], *owner, dir_fd=parent, follow_symlinks=False)


def _owner(directory: int) -> tuple[int, int]:
    found = os.fstat(directory)
    return found.st_uid, found.st_gid


def _above_and_self(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for path in paths:
        names = tuple(components(path))
        yield from (names[:depth] for depth in range(1, len(names) + 1))


def _give_below(top: int, owner: tuple[int, int], stop: Stop) -> None:
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        above = waiting.pop()
        stop()
        with opened_directory(top, above) as directory, os.scandir(directory) as entries:
            for entry in entries:
                os.chown(entry.name, *owner, dir_fd=directory, follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((*above, entry.name))

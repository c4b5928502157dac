"""What an open directory holds, by name. No symbolic link is followed. All of it blocks."""

import os
import stat
from typing import Final

_BLOCK_BYTES: Final = 512  # what st_blocks counts in, whatever the file system

Parts = tuple[str, ...]
"""The names on the way from an open directory to something below it."""


def names(directory: int) -> list[str]:
    """Return the names of all that it holds."""
    return os.listdir(directory)


def is_empty(directory: int) -> bool:
    """Tell whether it holds nothing."""
    with os.scandir(directory) as entries:
        return next(entries, None) is None


def status(directory: int, name: str) -> os.stat_result | None:
    """Return what there is to know of something; None where nothing is."""
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def is_there(directory: int, name: str) -> bool:
    """Tell whether it has anything of this name."""
    return status(directory, name) is not None


def is_directory(directory: int, name: str) -> bool:
    """Tell whether it has a directory of this name."""
    found = status(directory, name)
    return found is not None and stat.S_ISDIR(found.st_mode)


def allocated(found: os.stat_result) -> int:
    """Return how many bytes the content of something takes on the disk; its holes take none."""
    return found.st_blocks * _BLOCK_BYTES


def times(descriptor: int) -> tuple[int, int]:
    """Return when something open was read and changed last, in nanoseconds."""
    found = os.fstat(descriptor)
    return found.st_atime_ns, found.st_mtime_ns

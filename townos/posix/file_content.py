"""Copying what a file holds, but not its holes: a program may make them as large as it likes, for nothing.

On btrfs the copy shares its content with the original, also in another subvolume. Everything here blocks.
"""

import errno
import os
from collections.abc import Iterator
from typing import Final

from townos.posix.copy_rules import CopyRules
from townos.posix.entries import allocated

_ONLY_WITHIN_A_FILE_SYSTEM: Final = frozenset({errno.EXDEV, errno.EOPNOTSUPP})


def copy_content(source: int, target: int, rules: CopyRules) -> None:
    """Copy the content of an open file to an open empty one. Raises `OSError`."""
    status = os.fstat(source)
    at = 0
    for begin, end in _data(source, status):
        at = begin
        while at < end and (copied := _copy_piece(source, target, at, min(end - at, rules.piece_bytes))):
            at += copied
            rules.copied(copied)
    if at < status.st_size:  # not always: for many small files that would be a seventh of the time
        os.ftruncate(target, status.st_size)


def _copy_piece(source: int, target: int, at: int, size: int) -> int:
    try:
        return os.copy_file_range(source, target, size, at, at)
    except OSError as error:
        if error.errno not in _ONLY_WITHIN_A_FILE_SYSTEM:
            raise
    os.lseek(target, at, os.SEEK_SET)
    return os.sendfile(target, source, at, size)


def _data(descriptor: int, status: os.stat_result) -> Iterator[tuple[int, int]]:
    """Yield where there is content, from where to where."""
    if allocated(status) >= status.st_size:
        yield 0, status.st_size
        return
    end = 0
    while end < status.st_size:
        try:
            begin = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:  # there is only a hole from here on
                raise
            return
        end = os.lseek(descriptor, begin, os.SEEK_HOLE)
        yield begin, end

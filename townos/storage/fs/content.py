"""Copying what a file of a volume holds, but not its holes: a program may make them as large as it likes, for nothing.

On btrfs the copy shares its content with the original, also in another subvolume. Everything here blocks.
"""

import errno
import os
from collections.abc import Iterator

from townos.limits import VOLUME_COPY_BYTES
from townos.storage.fs.entries import allocated
from townos.storage.fs.interruption import Stop


def copy_content(source: int, target: int, stop: Stop) -> None:
    """Copy the content of an open file to an open empty one. `stop` is called often, and raises when this is to end."""
    status = os.fstat(source)
    at = 0
    for begin, end in _data(source, status):
        at = begin
        while at < end and (copied := os.copy_file_range(source, target, min(end - at, VOLUME_COPY_BYTES), at, at)):
            at += copied
            stop()
    if at < status.st_size:  # not always: for many small files that would be a seventh of the time
        os.ftruncate(target, status.st_size)


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

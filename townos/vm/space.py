"""A disk that turned out to be full, told with its numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from shutil import disk_usage

from townos.errors import NoSpace


@contextmanager
def space_errors(directory: Path) -> Iterator[None]:
    """Turn the error of a full disk, or of a full quota, into `NoSpace`."""
    try:
        yield
    except OSError as error:
        if error.errno in {ENOSPC, EDQUOT}:
            raise full(directory) from error
        raise


def full(directory: Path) -> NoSpace:
    """Return the error for a disk that turned out to be full."""
    usage = disk_usage(directory)
    return NoSpace("storage.full", usage.free, usage.total)

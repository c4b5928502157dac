"""A disk that turned out to be full, told with its numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage

from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.posix.no_space import is_out_of_space


@contextmanager
def space_errors(directory: Path) -> Iterator[None]:
    """Turn the error of a full disk, or of a full quota, into `NoSpace`."""
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise full(directory) from error
        raise


def full(directory: Path) -> NoSpace:
    """Return the error for a disk that turned out to be full."""
    usage = disk_usage(directory)
    return NoSpace("storage.full", Bytes(usage.free), Bytes(usage.total))

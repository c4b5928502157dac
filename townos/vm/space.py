"""Room on the disk: asked for before it is used, and told with numbers when there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from shutil import disk_usage

import trio

from townos.errors import NoSpace
from townos.limits import DISK_RESERVE_SHARE


async def check_space(path: Path, needed: int) -> None:
    """Raise `NoSpace` if so many bytes more would leave too little of the disk free."""
    usage = await trio.to_thread.run_sync(disk_usage, path)
    usable = max(0, usage.free - int(DISK_RESERVE_SHARE * usage.total))
    if needed > usable:
        raise NoSpace("vm.no_space", needed, usable)


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

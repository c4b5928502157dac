"""A disk that turned out to be full, told with its numbers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import disk_usage

import trio

from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.posix.no_space import is_out_of_space


@asynccontextmanager
async def space_errors(directory: Path) -> AsyncIterator[None]:
    """Turn the error of a full disk, or of a full quota, into `NoSpace`."""
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise await full(directory) from error
        raise


async def full(directory: Path) -> NoSpace:
    """Return the error for a disk that turned out to be full."""
    usage = await trio.to_thread.run_sync(disk_usage, directory, abandon_on_cancel=True)
    return NoSpace("storage.full", Bytes(usage.free), Bytes(usage.total))

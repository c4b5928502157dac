"""Moving bytes from one pipe to another in the kernel, which copies nothing: it hands the pages over (splice(2))."""

import os

import trio
from trio.lowlevel import FdStream

from townos.limits import ARCHIVE_PIPE_BYTES


async def splice(source: FdStream, target: FdStream, count: int) -> int:
    """Move so many bytes between pipes; return how many there were, fewer only where the source has ended.

    Nobody else reads or writes the two meanwhile. Raises `BrokenResourceError` when nobody reads the target any more.
    """
    moved = 0
    while moved < count:
        await trio.lowlevel.checkpoint()
        passed = await _some(source.fileno(), target.fileno(), min(count - moved, ARCHIVE_PIPE_BYTES))
        if not passed:
            break
        moved += passed
    return moved


async def _some(source: int, target: int, count: int) -> int:
    while True:
        try:
            return os.splice(source, target, count, flags=os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK)
        except BlockingIOError:
            await trio.lowlevel.wait_readable(source)
            await trio.lowlevel.wait_writable(target)
        except BrokenPipeError as error:
            raise trio.BrokenResourceError from error

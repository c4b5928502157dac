"""A pseudo-terminal that a child process writes to: many programs tell their progress to people only."""

import errno
import os
import termios
import tty
from typing import Final, Self

import trio

from townos.limits import TERMINAL_COLUMNS, TERMINAL_ROWS

_END: Final = errno.EIO  # what Linux gives once everybody on the other side has closed it


class Terminal(trio.abc.ReceiveStream):
    """What is written to it, as a stream."""

    def __init__(self, descriptor: int) -> None:
        self._stream = trio.lowlevel.FdStream(descriptor)

    @classmethod
    def open(cls) -> tuple[Self, int]:
        """Return a terminal and the descriptor to write to it, which is the caller's to close."""
        ours, writer = os.openpty()
        tty.setraw(writer)  # what is written arrives as it is
        termios.tcsetwinsize(writer, (TERMINAL_ROWS, TERMINAL_COLUMNS))
        return cls(ours), writer

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what has been written since; nothing once all writers have closed it."""
        try:
            return bytes(await self._stream.receive_some(max_bytes))
        except trio.BrokenResourceError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno == _END:
                return b""
            raise

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.aclose()

"""Carry TCP connections from this machine's loopback to a bed: `python3 -m tests.bed.forward ADDRESS FD:PORT …`.

The listening sockets are handed down by whoever starts this, so that a port that is taken is told at once.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from functools import partial
from typing import Final

_CHUNK_BYTES: Final = 256 * 1024


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK_BYTES):
        target.write(data)
        await target.drain()
    target.write_eof()


async def _connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, port: int) -> None:
    with suppress(OSError):
        far_reader, far_writer = await asyncio.open_connection(address, port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(reader, far_writer))
                both.create_task(_carry(far_reader, writer))
        except* OSError:
            far_writer.transport.abort()
            writer.transport.abort()
        far_writer.close()
    writer.close()


async def _serve(address: str, listeners: list[tuple[socket.socket, int]]) -> None:
    for listener, port in listeners:
        await asyncio.start_server(partial(_connect, address=address, port=port), sock=listener)
    await asyncio.Event().wait()


def main(arguments: list[str]) -> None:
    """Forward until killed."""
    address, *pairs = arguments
    split = (pair.split(":") for pair in pairs)
    asyncio.run(_serve(address, [(socket.socket(fileno=int(fd)), int(port)) for fd, port in split]))


if __name__ == "__main__":
    main(sys.argv[1:])

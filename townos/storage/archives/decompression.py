"""From the bytes of an archive file to those of its tar stream."""

import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

import trio
from trio.lowlevel import FdStream

from townos.concurrency import open_nursery
from townos.errors import Malformed
from townos.limits import ARCHIVE_CHUNK_BYTES, ARCHIVE_PIPE_BYTES
from townos.posix import process
from townos.posix.process import Child
from townos.storage.archives.formats import HEAD_BYTES, confirmed, decompressor


class TarStream(Protocol):
    """The tar stream of an archive file, while it arrives."""

    async def read(self) -> bytes:
        """Return the next piece, nothing at the end.

        Raises `Malformed` when the file is damaged, cut off or followed by something else; and whatever its source
        raises.
        """

    async def pass_on(self, count: int, target: FdStream) -> int:
        """Move up to so many bytes to a pipe unseen, as far as that is possible, and return how many.

        Raises `BrokenResourceError` when nobody reads the target any more.
        """


@asynccontextmanager
async def tar_stream(source: AsyncIterable[bytes], file_name: str) -> AsyncIterator[TarStream]:
    """Give the tar stream of an archive file of any format.

    Raises `Malformed` when the beginning and the name do not agree on a format, and whatever `source` raises.
    """
    pieces = aiter(source)
    head = await _head(pieces)
    argv = decompressor(confirmed(head, file_name))
    async with aclosing(_joined(head, pieces)) as file:
        if argv is None:
            yield _Plain(file)
            return
        feeding = _Feeding(file)
        async with (
            process.stream(argv, stdin=True, pipe_bytes=ARCHIVE_PIPE_BYTES) as child,
            open_nursery() as nursery,
        ):
            nursery.start_soon(feeding.feed, child.stdin)
            yield _Decompressed(child, feeding)
            nursery.cancel_scope.cancel()


class _Plain:
    """A tar stream that comes as it is."""

    def __init__(self, file: AsyncGenerator[bytes, None]) -> None:
        self._file = file

    async def read(self) -> bytes:
        return await anext(self._file, b"")

    async def pass_on(self, count: int, target: FdStream) -> int:
        """Pass nothing on: what comes from a connection has to be read."""
        del count, target
        return 0


class _Decompressed:
    """A tar stream that a program prints."""

    def __init__(self, child: Child, feeding: "_Feeding") -> None:
        self._child = child
        self._feeding = feeding

    async def read(self) -> bytes:
        if chunk := await self._child.stdout.receive_some(ARCHIVE_CHUNK_BYTES):
            return bytes(chunk)
        status = await self._child.wait()
        await self._feeding.ended.wait()
        if status or not self._feeding.complete:
            raise Malformed.at("archive", "archive.damaged")
        return b""

    async def pass_on(self, count: int, target: FdStream) -> int:
        return await splice(self._child.stdout, target, count)


async def _head(pieces: AsyncIterator[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES:
        try:
            head += await anext(pieces)
        except StopAsyncIteration:
            break
    return head


async def _joined(head: bytes, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield head
    async for piece in pieces:
        yield piece


class _Feeding:
    """Hands the file to the decompressor, and knows whether that has taken all of it."""

    def __init__(self, file: AsyncIterator[bytes]) -> None:
        self._file = file
        self.complete = False
        self.ended = trio.Event()

    async def feed(self, stdin: trio.abc.SendStream) -> None:
        try:
            async for piece in self._file:
                await stdin.send_all(piece)
            # Only the whole file ends in this way: a decompressor that is not told of an end does not report success.
            await stdin.aclose()
            self.complete = True
        except trio.BrokenResourceError:
            return  # it has ended: because of an error, or because what follows is not its business
        finally:
            self.ended.set()


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

"""From the bytes of an archive file to those of its tar stream."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import trio

from townos import process
from townos.errors import FieldError, Malformed
from townos.limits import ARCHIVE_CHUNK_BYTES, ARCHIVE_PIPE_BYTES
from townos.nursery import open_nursery
from townos.process import Child
from townos.storage.archives.formats import HEAD_BYTES, confirmed, decompressor


@asynccontextmanager
async def tar_stream(source: AsyncIterable[bytes], file_name: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """Yield the tar stream of an archive file of any format, while it arrives.

    Raises `Malformed` when the beginning and the name do not agree on a format and, from the stream, when the file is
    damaged, cut off or followed by something else; and whatever `source` raises.
    """
    pieces = aiter(source)
    head = await _head(pieces)
    argv = decompressor(confirmed(head, file_name))
    async with aclosing(_joined(head, pieces)) as file:
        if argv is None:
            yield file
            return
        feeding = _Feeding(file)
        async with (
            process.stream(argv, stdin=True, pipe_bytes=ARCHIVE_PIPE_BYTES) as child,
            open_nursery() as nursery,
            aclosing(_decompressed(child, feeding)) as stream,
        ):
            nursery.start_soon(feeding.feed, child.stdin)
            yield stream
            nursery.cancel_scope.cancel()


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


async def _decompressed(child: Child, feeding: _Feeding) -> AsyncGenerator[bytes, None]:
    while chunk := await child.stdout.receive_some(ARCHIVE_CHUNK_BYTES):
        yield bytes(chunk)
    status = await child.wait()
    await feeding.ended.wait()
    if status or not feeding.complete:
        raise Malformed("archive.damaged", fields=[FieldError("archive", "archive.damaged")])

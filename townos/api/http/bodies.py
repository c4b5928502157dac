"""Request bodies of which only a window is ever in memory.

Quart's own body takes whatever arrives: 1 GB sent to a slow consumer took 1620 MB of memory, with this one 48. Nor does
its limit count chunked bodies that are streamed; this one does.
"""

from collections import deque
from collections.abc import Generator
from typing import Any, Self

import trio
from quart_trio.wrappers import TrioRequest
from quart_trio.wrappers.request import TrioBody

from townos.errors import Malformed, TooLarge
from townos.i18n import Bytes, Seconds
from townos.limits import (
    BODY_WINDOW_BYTES,
    JSON_BODY_MAX_BYTES,
    JSON_BODY_TIMEOUT_SECONDS,
    UPLOAD_CHUNK_TIMEOUT_SECONDS,
)


class BoundedBody(TrioBody):
    """A request body of which at most a window is in memory: the sender waits until its reader has taken that.

    Iterate over it to stream, or `await body.read()` for all of it. Both raise `TooLarge` beyond `limit` bytes, and
    `Malformed` when nothing comes for too long.
    """

    def __init__(self, expected_content_length: int | None, max_content_length: int | None) -> None:
        super().__init__(None, None)
        self.limit = JSON_BODY_MAX_BYTES if max_content_length is None else max_content_length
        self._announced = expected_content_length or 0
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._received = 0
        self._ended = False
        self._abandoned = False
        self._moved = trio.Event()

    async def feed(self, data: bytes) -> None:
        """Take what has arrived; return when there is room for more."""
        if self._abandoned:
            return
        self.append(data)
        while self._held >= BODY_WINDOW_BYTES and not self._abandoned:
            await self._moved.wait()

    def append(self, data: bytes) -> None:
        """Take what has arrived without waiting."""
        if data:
            self._chunks.append(data)
            self._held += len(data)
            self._received += len(data)
            self._move()

    def set_complete(self) -> None:
        """Note that all has arrived."""
        self._ended = True
        self._move()

    def abandon(self) -> None:
        """Drop what is here and what comes, because the answer is on its way. Frees a waiting sender."""
        self._abandoned = True
        self.clear()

    def clear(self) -> None:
        """Drop what is here."""
        self._chunks.clear()
        self._held = 0
        self._move()

    async def read(self) -> bytes:
        """Return the whole body."""
        parts = bytearray()
        with trio.move_on_after(JSON_BODY_TIMEOUT_SECONDS):
            async for chunk in self:
                parts += chunk
            return bytes(parts)
        raise Malformed("http.body_timeout", Seconds(JSON_BODY_TIMEOUT_SECONDS))

    def __await__(self) -> Generator[Any, None, bytes]:
        return self.read().__await__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        with trio.move_on_after(UPLOAD_CHUNK_TIMEOUT_SECONDS):
            while not self._chunks and not self._ended and not self._too_large:
                await self._moved.wait()
            if self._too_large:
                raise TooLarge("http.body_too_large", Bytes(self.limit))
            if not self._chunks:
                raise StopAsyncIteration
            chunk = self._chunks.popleft()
            self._held -= len(chunk)
            self._move()
            return chunk
        raise Malformed("http.body_timeout", Seconds(UPLOAD_CHUNK_TIMEOUT_SECONDS))

    @property
    def _too_large(self) -> bool:
        return max(self._announced, self._received) > self.limit

    def _move(self) -> None:
        moved, self._moved = self._moved, trio.Event()
        moved.set()


class HttpRequest(TrioRequest):
    """A request whose body is bounded."""

    body_class = BoundedBody
    body: BoundedBody
    survives_client = False
    """Whether its handler goes on when the client has gone."""

"""The event streams that are open: they end with the server, and with the session that they were asked for in."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Set
from contextlib import contextmanager

import trio

from townos.api.http.sse import Stream
from townos.limits import STREAM_SESSION_CHECK_SECONDS

Alive = Callable[[Collection[str]], Awaitable[Set[str]]]
"""Which of these sessions are still good."""


class OpenStreams:
    """The streams that would go on for ever, so that something else can end them."""

    def __init__(self) -> None:
        self._streams: dict[trio.CancelScope, Stream] = {}
        self._ended = False

    @contextmanager
    def until_ended(self, stream: Stream) -> Iterator[None]:
        """Run the block until it is done or, if the stream is one that ends with the server, something ends it."""
        with trio.CancelScope() as scope:
            if stream.ends_with_server:
                self._streams[scope] = stream
                if self._ended:
                    scope.cancel()
            try:
                yield
            finally:
                self._streams.pop(scope, None)

    def end(self) -> None:
        """End all streams, and those that are still to come."""
        self._ended = True
        for scope in self._streams:
            scope.cancel()

    async def watch(self, alive: Alive) -> None:
        """End the streams of sessions that were revoked, or have expired, soon after it happens."""
        while True:
            await trio.sleep(STREAM_SESSION_CHECK_SECONDS)
            sessions = {stream.session for stream in self._streams.values() if stream.session is not None}
            if not sessions:
                continue
            over = sessions - await alive(sessions)
            for scope, stream in self._streams.items():
                if stream.session in over:
                    scope.cancel()

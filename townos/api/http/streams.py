"""Open streams. All end with the session that asked for them, and event streams end when the server stops."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Set
from contextlib import contextmanager

import trio

from townos.api.http.sse import Stream
from townos.errors import Unauthorized
from townos.limits import STREAM_SESSION_CHECK_SECONDS

Alive = Callable[[Collection[str]], Awaitable[Set[str]]]
"""Which of these sessions are still good."""


class OpenStreams:
    """Event streams and downloads that are being sent."""

    def __init__(self) -> None:
        self._streams: dict[trio.CancelScope, Stream] = {}
        self._ended = False

    @contextmanager
    def until_ended(self, stream: Stream) -> Iterator[None]:
        """Run the block until it is done, its session ends or, for an event stream, the server stops.

        Raises `Unauthorized` if a download was cut off: its client must not take it for complete.
        """
        with trio.CancelScope() as scope:
            self._streams[scope] = stream
            if self._ended and stream.ends_with_server:
                scope.cancel()
            try:
                yield
            finally:
                self._streams.pop(scope, None)
        if scope.cancelled_caught and not stream.ends_with_server:
            raise Unauthorized("auth.invalid_session")

    def end(self) -> None:
        """End all event streams, and those that are still to come. Downloads may finish within the grace period."""
        self._ended = True
        for scope, stream in self._streams.items():
            if stream.ends_with_server:
                scope.cancel()

    async def watch(self, alive: Alive) -> None:
        """End the streams of sessions that were revoked or have expired, within seconds."""
        while True:
            await trio.sleep(STREAM_SESSION_CHECK_SECONDS)
            sessions = {stream.session for stream in self._streams.values() if stream.session is not None}
            if not sessions:
                continue
            over = sessions - await alive(sessions)
            for scope, stream in self._streams.items():
                if stream.session in over:
                    scope.cancel()

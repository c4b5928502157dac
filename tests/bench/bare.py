"""The peer: a bare ASGI app that sends fixed bytes. `python -m tests.bench.bare PORT FILE`."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio

from townos.api.http.server import bind, serve

Message = dict[str, Any]


class Fixed:
    """Answers every request with the same JSON."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


async def main(port: int, body: bytes) -> None:
    """Serve until killed."""
    await serve(Fixed(body), bind("127.0.0.1", port), trio.sleep_forever)  # type: ignore[arg-type]  # any ASGI app


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]), Path(sys.argv[2]).read_bytes())

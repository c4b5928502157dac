"""A web server for tests that answers byte for byte what a test wants, and one that serves a file with ranges."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from townos.concurrency import open_nursery


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; header names are in lower case."""

    target: str
    headers: Mapping[str, str]


Handler = Callable[[Asked, trio.abc.Stream], Awaitable[None]]


@dataclass(slots=True)
class Website:
    """A running server."""

    port: int
    scheme: str = "http"
    requests: list[Asked] = field(default_factory=list)

    def url(self, target: str = "/disk.img", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{target}"


@asynccontextmanager
async def website(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Website]:
    """Serve one request for each connection on the loopback interface."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    site = Website(listener.socket.getsockname()[1], "https" if tls else "http")

    async def serve(connection: trio.SocketStream) -> None:
        secured = trio.SSLStream(connection, tls, server_side=True, https_compatible=True) if tls else None
        stream: trio.abc.Stream = secured or connection
        async with stream:
            try:
                site.requests.append(await _asked(stream))
                await handler(site.requests[-1], stream)
            except trio.BrokenResourceError:
                return  # the client has hung up: some tests are about that

    async with open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield site
        nursery.cancel_scope.cancel()


def saying(answer: bytes) -> Handler:
    """Return a handler that says always the same."""

    async def handler(_: Asked, stream: trio.abc.Stream) -> None:
        await stream.send_all(answer)

    return handler


@dataclass(slots=True)
class FileHandler:
    """Serves bytes, with ranges and an entity tag if there is one; `cuts` says after how many bytes each answer ends.

    A tag that is not the one in `If-Range` gives the whole (RFC 9110).
    """

    content: bytes
    tag: str = '"1"'
    cuts: list[int] = field(default_factory=list)
    headers: tuple[str, ...] = ()

    async def __call__(self, asked: Asked, stream: trio.abc.Stream) -> None:
        start = self._start(asked)
        lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(self.content) - start}", *self.headers]
        if start:
            lines[0] = "HTTP/1.1 206 Partial Content"
            lines.append(f"Content-Range: bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        if start >= len(self.content) > 0:
            lines = ["HTTP/1.1 416 Range Not Satisfiable", f"Content-Range: bytes */{len(self.content)}"]
        if self.tag:
            lines += ["Accept-Ranges: bytes", f"ETag: {self.tag}"]
        body = self.content[start:]
        await stream.send_all(
            "\r\n".join([*lines, "", ""]).encode("latin-1") + body[: self.cuts.pop(0) if self.cuts else None]
        )

    def _start(self, asked: Asked) -> int:
        if "range" not in asked.headers or not self.tag or asked.headers.get("if-range") != self.tag:
            return 0
        return int(asked.headers["range"].removeprefix("bytes=").removesuffix("-"))


async def _asked(stream: trio.abc.Stream) -> Asked:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = await stream.receive_some()
        if not chunk:
            raise trio.BrokenResourceError
        received += chunk
    first, *lines = received.decode().split("\r\n\r\n")[0].split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Asked(first.split(" ")[1], {name.lower(): value for name, value in headers.items()})

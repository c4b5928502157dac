"""One TCP connection: Hypercorn's server with repairs, each with a test of its own.

* Hypercorn sends in a shielded scope without a time limit: one reader that stalls blocked a stop, and even a crash, for
  as long as it liked. Here a send is cancellable and limited.
* An answer that refuses an upload early was lost when the socket closed with unread data in it. Here the connection
  lingers: it sends, says that it is done, and reads on for a moment (RFC 9112, 9.6).
* A connection whose client had gone was kept until it would have been idle for too long. Here it ends at once.
* HTTP/2 is not spoken, even when a client assumes it. Nor are web sockets, as none are offered: a broken handshake
  kept its connection for ever.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass

import h11
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ConnectionState
from hypercorn.utils import parse_socket_addr

from townos.limits import (
    KEEP_ALIVE_SECONDS,
    LINGER_MAX_BYTES,
    LINGER_SECONDS,
    RECEIVE_BULK_BYTES,
    RECEIVE_BYTES,
    SEND_TIMEOUT_SECONDS,
    SHUTDOWN_GRACE_SECONDS,
)

log = logging.getLogger(__name__)


class Http11(H11Protocol):
    """HTTP/1.1, whatever else the client offers; a server may ignore that (RFC 9110, 7.8)."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """Do not look for HTTP/2."""

    async def _create_stream(self, request: h11.Request) -> None:
        headers = [(name, value) for name, value in request.headers if name != b"upgrade"]
        if len(headers) < len(request.headers):
            request = h11.Request(
                method=request.method, headers=headers, target=request.target, http_version=request.http_version
            )
        await super()._create_stream(request)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection waits for its client, and a stop of the server for its connections, in seconds."""

    idle: float = KEEP_ALIVE_SECONDS
    send: float = SEND_TIMEOUT_SECONDS
    linger: float = LINGER_SECONDS
    stop: float = SHUTDOWN_GRACE_SECONDS


class TcpConnection(TCPServer):
    """A connection; awaiting it serves it to its end."""

    stream: trio.SocketStream  # type: ignore[assignment]  # there is no TLS here
    protocol: Http11  # type: ignore[assignment]  # Hypercorn's wrapper would only add HTTP/2

    def __init__(
        self, app: AppWrapper, config: Config, context: WorkerContext, patience: Patience, stream: trio.SocketStream
    ) -> None:
        super().__init__(app, config, context, {}, stream)  # type: ignore[arg-type]  # no TLS here either
        self._patience = patience
        self._reading = trio.CancelScope()
        self._lingering = False
        self._gone = False

    async def run(self) -> None:
        """Serve until either side closes."""
        sock = self.stream.socket
        try:
            client = parse_socket_addr(sock.family, sock.getpeername())
        except OSError:
            return  # it was gone before we looked
        try:
            async with TaskGroup() as group:
                self._task_group = group
                self.protocol = Http11(
                    app=self.app,
                    config=self.config,
                    context=self.context,
                    task_group=group,
                    connection_state=ConnectionState(self.state),
                    ssl=False,
                    client=client,
                    server=parse_socket_addr(sock.family, sock.getsockname()),
                    send=self.protocol_send,
                )
                await self.idle_task.restart(group, self._idle_timeout)
                await self._read_data()
                self._gone = True
                await self.idle_task.stop()
        except Exception:
            log.exception("a connection has failed")  # it must not take the server with it
        finally:
            await trio.aclose_forcefully(self.stream)

    async def protocol_send(self, event: Event) -> None:
        """Send bytes in bounded time, or act on what the protocol says of the connection."""
        if isinstance(event, Closed):
            await self._finish()
            await self.protocol.handle(Closed())
        elif isinstance(event, RawData):
            await self._send(event.data)
        elif not self._gone:
            await super().protocol_send(event)

    async def _send(self, data: bytes) -> None:
        async with self.send_lock:
            try:
                with trio.fail_after(self._patience.send):
                    await self.stream.send_all(data)
            except trio.Cancelled:
                await trio.aclose_forcefully(self.stream)
                raise
            except (trio.TooSlowError, trio.BrokenResourceError, trio.ClosedResourceError):
                await trio.aclose_forcefully(self.stream)
                await self.protocol.handle(Closed())

    async def _read_data(self) -> None:
        with self._reading, suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._pass_on()
        await self.protocol.handle(Closed())

    async def _pass_on(self) -> None:
        discarded, size = 0, RECEIVE_BYTES
        while discarded < LINGER_MAX_BYTES:
            data = bytes(await self.stream.receive_some(size))
            size = RECEIVE_BULK_BYTES if len(data) >= RECEIVE_BYTES else RECEIVE_BYTES  # each piece takes many steps
            if self._lingering:
                discarded += len(data)
            else:
                await self.protocol.handle(RawData(data))
            if not data:
                return

    async def _finish(self) -> None:
        """Close the connection; if a request was refused before its end, only after the client could read why."""
        if self.protocol.connection.their_state is not h11.SEND_BODY:
            await self.stream.aclose()
            return
        self._lingering = True
        self._reading.deadline = trio.current_time() + self._patience.linger
        async with self.send_lock:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self.stream.send_eof()

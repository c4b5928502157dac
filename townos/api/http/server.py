"""The web server in our own nursery: Hypercorn's HTTP/1.1 on sockets that were bound before.

The ASGI lifespan is not spoken: the nursery tree starts and stops everything else. Only HTTP/1.1 is: with HTTP/2 one
upload that waits would stall every stream of its connection, and it is two to three times slower (measured).
"""

import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework

from townos.api.http.connections import ConnectionPlaces
from townos.api.http.transport import Patience, TcpConnection
from townos.limits import LISTEN_BACKLOG, SEND_TIMEOUT_SECONDS

DEFAULT_PATIENCE: Final = Patience()


def bind(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets for a host, or for every address if it is empty. Raises `OSError`.

    Accepted sockets inherit their options: no delay, and a peer that vanished without a word is noticed by the kernel.
    """
    if host:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return [_listening(family, (host, port), dual=False)]
    if socket.has_dualstack_ipv6():
        return [_listening(socket.AF_INET6, ("::", port), dual=True)]
    return [_listening(socket.AF_INET, ("0.0.0.0", port), dual=False)]  # noqa: S104 - this is a server for the home


async def serve(
    app: ASGIFramework,
    sockets: Sequence[socket.socket],
    stop: Callable[[], Awaitable[None]],
    *,
    on_stop: Callable[[], None] = lambda: None,
    patience: Patience = DEFAULT_PATIENCE,
    places: ConnectionPlaces | None = None,
    task_status: trio.TaskStatus[list[tuple[str, int]]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer requests until `stop` returns; then take no new ones and give the others some time to finish.

    `on_stop` is called first of all then, to end what would not end by itself. A new connection without
    a place is closed at once.
    """
    context = WorkerContext(max_requests=None)
    connect = partial(TcpConnection, ASGIWrapper(app), configuration(patience), context, patience)
    seats = places or ConnectionPlaces()

    async def handle(stream: trio.SocketStream) -> None:
        with seats.taken(_peer(stream)) as taken:
            if taken:
                await connect(stream)
            else:
                await trio.aclose_forcefully(stream)

    listeners = [trio.SocketListener(trio.socket.from_stdlib_socket(sock)) for sock in sockets]
    async with trio.open_nursery() as connections:
        async with trio.open_nursery() as accepting:
            accepting.start_soon(partial(trio.serve_listeners, handle, listeners, handler_nursery=connections))
            task_status.started([sock.getsockname()[:2] for sock in sockets])
            await stop()
            accepting.cancel_scope.cancel()
        await context.terminated.set()
        on_stop()
        connections.cancel_scope.deadline = trio.current_time() + patience.stop


def _peer(stream: trio.SocketStream) -> str:
    """Return the address of the other side, or nothing if it is gone already."""
    try:
        return str(stream.socket.getpeername()[0])
    except OSError:
        return ""


def configuration(patience: Patience) -> Config:
    """Return Hypercorn's settings: no logging and no headers of its own."""
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.keep_alive_timeout = patience.idle
    return config


def _listening(family: socket.AddressFamily, address: tuple[str, int], *, dual: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SEND_TIMEOUT_SECONDS * 1000)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
        sock.bind(address)
        sock.listen(LISTEN_BACKLOG)
        sock.settimeout(0)
    except OSError:
        sock.close()
        raise
    return sock

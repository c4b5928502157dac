"""The HTTP interface for tests: made-up sessions, an audit log in a list, requests in memory, and a real server."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import trio
from hypercorn.typing import ASGIFramework

from townos.api.app import TownApp, create_app
from townos.api.dispatch import DispatcherPorts
from townos.api.http.connections import ConnectionPlaces
from townos.api.http.server import bind, serve
from townos.api.http.transport import Patience
from townos.api.origins import Origins
from townos.api.routing import Route
from townos.api.web_page import WebPage
from townos.audit.log import AuditEntry

HOSTNAME = "town"
DEFAULT_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    admin: bool


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    account: Account


SESSIONS = {
    "admin-token": Session("1", Account("ada", admin=True)),
    "user-token": Session("2", Account("bob", admin=False)),
}
ADMIN = {"Authorization": "Bearer admin-token"}
USER = {"Authorization": "Bearer user-token"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def detail(self) -> str:
        return str(self.json["detail"])


@dataclass(slots=True)
class AppClient:
    """An app of any routes with made-up sessions, and a client of it."""

    routes: Iterable[Route]
    web_page: WebPage | None = None
    allowed_hosts: set[str] = field(default_factory=set)
    any_origin: bool = False
    audit: list[AuditEntry] = field(default_factory=list)
    audit_fails: bool = False
    locale: str = "en-US"
    app: TownApp = field(init=False)

    def __post_init__(self) -> None:
        origins = Origins(HOSTNAME, lambda: self.allowed_hosts, any_origin=self.any_origin)
        ports = DispatcherPorts(self._authenticate, self._record, origins, lambda: self.locale)
        self.app = create_app(self.routes, ports, self.web_page)

    async def _authenticate(self, token: str) -> Session | None:
        return SESSIONS.get(token)

    async def _record(self, entry: AuditEntry) -> None:
        if self.audit_fails:
            raise OSError("disk full")
        self.audit.append(entry)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await ask(self.app, "GET", path, headers=headers)

    async def post(self, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await ask(self.app, "POST", path, content, headers)


async def ask(
    app: ASGIFramework, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """Send one request through the app in memory and return its whole answer."""
    incoming, requests = trio.open_memory_channel[Any](8)
    answers: list[Any] = []

    async def send(message: Any) -> None:
        await trio.lowlevel.checkpoint()
        answers.append(message)

    path, _, query = path.partition("?")
    await incoming.send({"type": "http.request", "body": body, "more_body": False})
    await app(_scope(method, path, query, headers or {}), requests.receive, send)
    head = answers[0]
    return Answer(
        status=head["status"],
        headers={name.decode(): value.decode() for name, value in head["headers"]},
        body=b"".join(message["body"] for message in answers[1:]),
    )


def _scope(method: str, path: str, query: str, headers: Mapping[str, str]) -> Any:
    given = {"host": "localhost:5309"} | {name.lower(): value for name, value in headers.items()}
    return {
        "type": "http",
        "http_version": "1.1",
        "asgi": {"spec_version": "2.1", "version": "3.0"},
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("192.0.2.7", 50_000),
        "server": ("127.0.0.1", 5309),
        "state": {},
        "extensions": {},
    }


@dataclass(slots=True)
class Server:
    """A running server."""

    port: int
    stop: trio.Event
    ended: trio.Event

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def exchange(self, request: bytes) -> bytes:
        """Send bytes and return all that comes back until the server closes."""
        async with await self.connect() as stream:
            await stream.send_all(request)
            return await rest(stream)


@asynccontextmanager
async def serving(
    app: ASGIFramework, patience: Patience = DEFAULT_PATIENCE, *, places: ConnectionPlaces | None = None
) -> AsyncIterator[Server]:
    """Serve `app` on a free port of the loopback interface; stop it at the end."""
    stop, ended = trio.Event(), trio.Event()
    on_stop = app.streams.end if isinstance(app, TownApp) else lambda: None

    async def run(task_status: trio.TaskStatus[list[tuple[str, int]]]) -> None:
        await serve(
            app,
            bind("127.0.0.1", 0),
            stop.wait,
            on_stop=on_stop,
            patience=patience,
            places=places,
            task_status=task_status,
        )
        ended.set()

    async with trio.open_nursery() as nursery:
        addresses = await nursery.start(run)
        try:
            yield Server(addresses[0][1], stop, ended)
        finally:
            stop.set()


async def rest(stream: trio.abc.ReceiveStream) -> bytes:
    """Return what is still to come until the other side closes."""
    received = bytearray()
    async for chunk in stream:
        received += chunk
    return bytes(received)


async def head(stream: trio.abc.ReceiveStream) -> tuple[bytes, bytes]:
    """Return the head of an answer, and what of its body came along."""
    received = bytearray()
    while b"\r\n\r\n" not in received:
        chunk = await stream.receive_some()
        if not chunk:
            break
        received += chunk
    first, _, body = bytes(received).partition(b"\r\n\r\n")
    return first, body


async def until(stream: trio.abc.ReceiveStream, ending: bytes, received: bytes = b"") -> bytes:
    """Return what comes up to and with `ending`."""
    while not received.endswith(ending):
        chunk = await stream.receive_some()
        assert chunk, received
        received += bytes(chunk)
    return received

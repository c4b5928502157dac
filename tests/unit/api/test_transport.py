"""The real server on the loopback interface: what must hold of connections, whatever Quart and Hypercorn do."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import msgspec
import pytest
import trio
import trio.testing
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.trio.worker_context import WorkerContext

from tests.support.http import AppClient, Server, head, rest, serving, until
from townos.api.call import Call
from townos.api.http.connections import ConnectionPlaces
from townos.api.http.server import bind, configuration
from townos.api.http.sse import EventStream, Stream, event
from townos.api.http.transport import Patience, TcpConnection
from townos.api.routing import Auth, Route, get, post
from townos.api.wire.requests import Request, Text
from townos.limits import BODY_WINDOW_BYTES, JSON_BODY_MAX_BYTES

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
PING = GET % b"/ping"
LAST_PING = b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
UPGRADE = (
    b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
)


class Echo(Request):
    text: Text = ""


async def ping(_: Call) -> dict[str, str]:
    return {"status": "ok"}


async def echo(_: Call, body: Echo) -> dict[str, int]:
    return {"length": len(body.text)}


PINGS = (get("/ping", ping, Auth.PUBLIC), post("/echo", echo, Auth.PUBLIC, audit=None))


IMPATIENT = Patience(idle=0.1, send=0.1, linger=0.1)
"""The tests wait for what happens, never for a time; short limits only make it happen sooner."""
PATIENT = Patience(idle=1_000, send=1_000, linger=1_000, stop=1_000)
"""What must happen at once would not happen within the test's time."""
HASTY = Patience(send=1_000, stop=0.05)


def wants(*routes: Route) -> AppClient:
    return AppClient((*PINGS, *routes))


async def test_a_connection_serves_many_requests() -> None:
    async with serving(wants().app) as server, await server.connect() as stream:
        for _ in range(3):
            await stream.send_all(PING)
            answer = await until(stream, b'{"status":"ok"}\n')
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"connection: close" not in answer.lower()


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(PING + GET % b"/none" + PING)
        answers = await until(stream, b'"}\n')
        while answers.count(b"HTTP/1.1") < 3:
            answers = await until(stream, b'"}\n', answers + await stream.receive_some())
        assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]


@pytest.mark.parametrize("sent", [b"", b"GET /ping HTTP/1.1\r\nHost: lo"])
async def test_a_silent_or_half_sent_request_ends_its_connection(sent: bytes) -> None:
    async with serving(wants().app, IMPATIENT) as server:
        assert await server.exchange(sent) == b""


async def test_an_idle_connection_is_closed_after_its_first_request_too() -> None:
    async with serving(wants().app, IMPATIENT) as server:
        assert (await server.exchange(PING)).endswith(b'{"status":"ok"}\n')


async def test_http_2_is_not_spoken() -> None:
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(UPGRADE)
        assert (await head(stream))[0].startswith(b"HTTP/1.1 200")
    async with serving(wants().app) as server:
        assert b"HTTP/1.1" in await server.exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


@pytest.mark.parametrize("framing", [b"Content-Length: 10000000000", b"Transfer-Encoding: chunked"])
async def test_a_refused_upload_is_told_and_its_connection_closed(framing: bytes) -> None:
    async def never(_: Call) -> None:
        raise AssertionError("a stranger has reached the handler")

    client = wants(post("/upload", never, Auth.ADMIN, audit=None, streams_body=True))
    async with serving(client.app) as server, await server.connect() as stream:
        await stream.send_all(b"POST /upload HTTP/1.1\r\nHost: l\r\n" + framing + b"\r\n\r\n")
        first, body = await head(stream)
        assert first.startswith(b"HTTP/1.1 401")
        assert msgspec.json.decode(body + await rest(stream))["detail"] == "missing authorization token"


async def test_a_refusal_reaches_a_client_that_is_still_sending() -> None:
    """Without lingering the unread bytes would turn the close into a reset that throws the answer away."""
    async with serving(wants().app) as server, await server.connect() as stream:
        announced = 2 * JSON_BODY_MAX_BYTES
        await stream.send_all(b"POST /echo HTTP/1.1\r\nHost: l\r\nContent-Length: %d\r\n\r\n" % announced)
        await stream.send_all(bytes(announced - 1))
        first, _ = await head(stream)
        assert first.startswith(b"HTTP/1.1 413")


async def test_a_client_that_sends_on_and_on_after_a_refusal_is_cut_off() -> None:
    async with serving(wants().app, PATIENT) as server, await server.connect() as stream:
        await stream.send_all(b"POST /echo HTTP/1.1\r\nHost: l\r\nContent-Length: 10000000000\r\n\r\n")
        with pytest.raises(trio.BrokenResourceError):
            await send_for_ever(stream)


async def test_a_client_that_trickles_on_after_a_refusal_is_cut_off() -> None:
    async with serving(wants().app, IMPATIENT) as server, await server.connect() as stream:
        await stream.send_all(b"POST /echo HTTP/1.1\r\nHost: l\r\nContent-Length: 10000000000\r\n\r\n")
        await head(stream)
        with pytest.raises(trio.BrokenResourceError):
            await send_for_ever(stream, size=1)


async def send_for_ever(stream: trio.SocketStream, size: int = 1024 * 1024) -> None:
    while True:
        await stream.send_all(bytes(size))


async def test_one_connection_too_many_is_closed_and_its_place_is_free_again_later() -> None:
    async with serving(wants().app, places=ConnectionPlaces(1)) as server:
        async with await server.connect() as stream:
            await stream.send_all(PING)
            await until(stream, b'{"status":"ok"}\n')
            with suppress(trio.BrokenResourceError):
                assert await server.exchange(PING) == b""
        while not (answer := await attempt(server)):
            pass
        assert answer.startswith(b"HTTP/1.1 200")


async def attempt(server: Server) -> bytes:
    with suppress(trio.BrokenResourceError):
        return await server.exchange(LAST_PING)
    return b""


@pytest.mark.parametrize("version", [b"Sec-WebSocket-Version: 13", b"Sec-Nonsense: 1"])
async def test_a_web_socket_handshake_is_an_ordinary_request(version: bytes) -> None:
    handshake = (
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + version + b"\r\n\r\n"
    )
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(handshake)
        assert (await head(stream))[0].startswith(b"HTTP/1.1 200")


def test_a_port_that_is_taken_is_told_at_once() -> None:
    first = bind("127.0.0.1", 0)[0]
    with closing(first), pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", first.getsockname()[1])


def test_an_empty_host_means_every_address_of_both_families() -> None:
    with closing(bind("", 0)[0]) as listening:
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "::1") if socket.has_dualstack_ipv6() else ("127.0.0.1",):
            socket.create_connection((host, port)).close()
        accepted, _ = listening.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) > 0


class BrokenContext(WorkerContext):
    async def mark_request(self) -> None:
        raise ZeroDivisionError


async def test_a_connection_that_fails_is_logged_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def connection(stream: trio.SocketStream) -> None:
        app = ASGIWrapper(wants().app)
        await TcpConnection(app, configuration(PATIENT), BrokenContext(None), PATIENT, stream)

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, connection, listeners)
        for _ in range(2):
            async with await trio.testing.open_stream_to_socket_listener(listeners[0]) as stream:
                await stream.send_all(PING)
                await rest(stream)
        nursery.cancel_scope.cancel()
    assert [record.message for record in caplog.records] == ["a connection has failed"] * 2


async def test_a_chunked_body_over_the_limit_is_refused() -> None:
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(b"POST /echo HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(JSON_BODY_MAX_BYTES // 65_536 + 1):
            await stream.send_all(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        first, body = await head(stream)
        assert first.startswith(b"HTTP/1.1 413")
        assert b"larger than 1 MB" in body + await rest(stream)


async def test_a_body_larger_than_the_window_but_within_the_limit_arrives() -> None:
    body = b'{"text":"","ignored":"' + b"x" * (2 * BODY_WINDOW_BYTES) + b'"}'
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(b"POST /echo HTTP/1.1\r\nHost: l\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert await until(stream, b'{"length":0}\n')


async def test_an_upload_waits_for_its_reader() -> None:
    """Only the window, what Hypercorn queues and what the kernel buffers are ever on their way."""
    total, go_on, taken = 64 * 1024 * 1024, trio.Event(), 0
    held: list[int] = []

    async def upload(call: Call) -> dict[str, int]:
        nonlocal taken
        await go_on.wait()
        async for chunk in call.request.body:
            held.append(len(chunk))
            taken += len(chunk)
        return {"taken": taken}

    route = post("/upload", upload, Auth.PUBLIC, audit=None, streams_body=True, body_limit=total)
    async with serving(wants(route).app) as server, await server.connect() as stream:
        await stream.send_all(b"POST /upload HTTP/1.1\r\nHost: l\r\nContent-Length: %d\r\n\r\n" % total)
        sent = 0
        with trio.move_on_after(0.5):  # only to let buffers fill up; too short a time cannot fail the test
            while sent < total:
                sent += await _send_some(stream, min(total - sent, 1024 * 1024))
        assert sent < total / 2
        go_on.set()
        while sent < total:
            sent += await _send_some(stream, min(total - sent, 1024 * 1024))
        assert await until(stream, b'{"taken":%d}\n' % total)
    assert max(held) <= 2 * BODY_WINDOW_BYTES


async def _send_some(stream: trio.SocketStream, most: int) -> int:
    return await stream.socket.send(bytes(most))


async def test_a_client_that_goes_away_cancels_a_handler_that_only_reads() -> None:
    started, cancelled = trio.Event(), trio.Event()

    async def slow(_: Call) -> None:
        started.set()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with serving(wants(get("/slow", slow, Auth.PUBLIC)).app) as server:
        stream = await server.connect()
        await stream.send_all(GET % b"/slow")
        await started.wait()
        await stream.aclose()
        await cancelled.wait()


async def test_a_client_that_goes_away_does_not_cancel_audited_work() -> None:
    started, go_on = trio.Event(), trio.Event()

    async def install(_: Call) -> None:
        started.set()
        await go_on.wait()

    client = wants(post("/install", install, Auth.PUBLIC, audit="install_package"), get("/gone", ping, Auth.PUBLIC))
    async with serving(client.app) as server:
        stream = await server.connect()
        await stream.send_all(b"POST /install HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\n\r\n{}")
        await started.wait()
        await stream.aclose()
        async with await server.connect() as other:
            await other.send_all(GET % b"/gone")
            await head(other)
        go_on.set()
    assert [(entry.action, entry.success) for entry in client.audit] == [("install package", True)]


async def test_a_client_that_goes_away_during_an_upload_cancels_it() -> None:
    started, cancelled = trio.Event(), trio.Event()

    async def upload(call: Call) -> None:
        try:
            async for _ in call.request.body:
                started.set()
        finally:
            cancelled.set()

    client = wants(post("/upload", upload, Auth.PUBLIC, audit="upload_archive", streams_body=True))
    async with serving(client.app) as server:
        stream = await server.connect()
        await stream.send_all(b"POST /upload HTTP/1.1\r\nHost: l\r\nContent-Length: 1000\r\n\r\npart")
        await started.wait()
        await stream.aclose()
        await cancelled.wait()
    assert [(entry.success, entry.error.partition(":")[0]) for entry in client.audit] == [
        (False, "cancelled before its end")
    ]


def events(*, entered: trio.Event, left: trio.Event) -> Route:
    @asynccontextmanager
    async def source() -> AsyncIterator[AsyncIterator[bytes]]:
        async def each() -> AsyncIterator[bytes]:
            yield event(b"{}", identity="1")
            await trio.sleep_forever()

        try:
            entered.set()
            yield each()
        finally:
            left.set()

    async def stream(_: Call) -> EventStream:
        return EventStream(source())

    return get("/events", stream, Auth.PUBLIC)


async def test_an_event_stream_has_its_head_at_once_and_its_source_is_left_with_the_client() -> None:
    entered, left = trio.Event(), trio.Event()
    async with serving(wants(events(entered=entered, left=left)).app) as server:
        stream = await server.connect()
        await stream.send_all(GET % b"/events")
        first, body = await head(stream)
        assert b"content-type: text/event-stream" in first
        assert b"cache-control: no-cache" in first
        assert b"id: 1\ndata: {}\n\n" in await until(stream, b"\n\n\r\n", body)
        await stream.aclose()
        await left.wait()


async def test_a_stop_ends_event_streams_properly_and_at_once() -> None:
    entered, left = trio.Event(), trio.Event()
    client = wants(events(entered=entered, left=left))
    async with serving(client.app, PATIENT) as server, await server.connect() as stream:
        await stream.send_all(GET % b"/events")
        await head(stream)
        server.stop.set()
        assert (await rest(stream)).endswith(b"\r\n0\r\n\r\n")
        await server.ended.wait()
        assert left.is_set()


async def connect_for_ever(server: Server) -> None:
    while True:
        await (await server.connect()).aclose()


async def test_a_stop_lets_a_request_in_flight_finish_and_takes_no_new_ones() -> None:
    started, go_on = trio.Event(), trio.Event()

    async def slow(_: Call) -> dict[str, bool]:
        started.set()
        await go_on.wait()
        return {"done": True}

    client = wants(get("/slow", slow, Auth.PUBLIC))
    async with serving(client.app, PATIENT) as server, await server.connect() as stream:
        await stream.send_all(GET % b"/slow")
        await started.wait()
        server.stop.set()
        with pytest.raises(OSError, match="all attempts to connect"):
            await connect_for_ever(server)
        go_on.set()
        assert (await rest(stream)).endswith(b'{"done":true}\n')
        await server.ended.wait()


async def test_a_stop_closes_idle_connections_at_once() -> None:
    async with serving(wants().app, PATIENT) as server, await server.connect() as stream:
        await stream.send_all(PING)
        await until(stream, b'{"status":"ok"}\n')
        server.stop.set()
        assert await rest(stream) == b""
        await server.ended.wait()


async def test_a_stop_cancels_requests_that_outlast_the_grace_period() -> None:
    started, cancelled = trio.Event(), trio.Event()

    async def endless(_: Call) -> None:
        started.set()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    client = wants(post("/endless", endless, Auth.PUBLIC, audit="install_package"))
    async with serving(client.app, HASTY) as server, await server.connect() as stream:
        await stream.send_all(b"POST /endless HTTP/1.1\r\nHost: l\r\nContent-Length: 0\r\n\r\n")
        await started.wait()
        server.stop.set()
        await server.ended.wait()
        assert cancelled.is_set()
    assert [entry.success for entry in client.audit] == [False]


def flood(left: trio.Event) -> Route:
    @asynccontextmanager
    async def source() -> AsyncIterator[AsyncIterator[bytes]]:
        async def each() -> AsyncIterator[bytes]:
            while True:
                yield bytes(1024 * 1024)

        try:
            yield each()
        finally:
            left.set()

    async def stream(_: Call) -> Stream:
        return Stream(source(), content_type="application/octet-stream")

    return get("/flood", stream, Auth.PUBLIC)


async def test_a_stalled_reader_does_not_hold_up_a_stop() -> None:
    left = trio.Event()
    async with serving(wants(flood(left)).app, HASTY) as server, await server.connect() as stream:
        await stream.send_all(GET % b"/flood")
        await head(stream)
        server.stop.set()
        await server.ended.wait()
        assert left.is_set()


async def test_a_stalled_reader_is_dropped_after_a_time() -> None:
    left = trio.Event()
    async with serving(wants(flood(left)).app, IMPATIENT) as server, await server.connect() as stream:
        await stream.send_all(GET % b"/flood")
        await head(stream)
        await left.wait()


async def test_a_stream_that_fails_midway_is_visibly_unfinished() -> None:
    @asynccontextmanager
    async def source() -> AsyncIterator[AsyncIterator[bytes]]:
        async def each() -> AsyncIterator[bytes]:
            yield b"first half"
            raise OSError("the disk is gone")

        yield each()

    async def download(_: Call) -> Stream:
        return Stream(source(), content_type="application/gzip")

    async with serving(wants(get("/download", download, Auth.PUBLIC)).app) as server:
        answer = await server.exchange(GET % b"/download")
        assert b"first half" in answer
        assert not answer.endswith(b"0\r\n\r\n")
        assert (await server.exchange(LAST_PING)).startswith(b"HTTP/1.1 200")


async def test_a_stream_that_fails_on_entering_is_told_as_a_problem() -> None:
    @asynccontextmanager
    async def source() -> AsyncIterator[AsyncIterator[bytes]]:
        async with await trio.open_file("/nonexistent/journal", "rb") as journal:
            yield journal

    async def broken(_: Call) -> EventStream:
        return EventStream(source())

    async with serving(wants(get("/broken", broken, Auth.PUBLIC)).app) as server, await server.connect() as stream:
        await stream.send_all(GET % b"/broken")
        first, _ = await head(stream)
        assert first.startswith(b"HTTP/1.1 500")
        assert b"application/problem+json" in first


async def test_a_target_without_a_path_is_the_root() -> None:
    async with serving(wants().app) as server, await server.connect() as stream:
        await stream.send_all(GET % b"?a=b")
        assert (await head(stream))[0].startswith(b"HTTP/1.1 404")


async def test_nonsense_is_refused_and_the_server_goes_on() -> None:
    async with serving(wants().app) as server:
        assert (await server.exchange(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")).startswith(b"HTTP/1.1 400")
        assert (await server.exchange(LAST_PING)).startswith(b"HTTP/1.1 200")

"""Under which addresses the machine is reached, and how quietly that fails."""

import http.client
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address

import pytest
import trio
import trio.testing

from townos.limits import EXTERNAL_ADDRESS_INTERVAL_SECONDS, EXTERNAL_ADDRESS_MAX_BYTES
from townos.status.addresses import PolledExternalAddress, address_in, fetch_from, internal_address
from townos.testing.clock import FakeClock


@pytest.mark.conformance("PING-04")
def test_the_internal_address_is_none_or_an_ipv4_address_of_an_interface() -> None:
    address = internal_address()
    if address:
        assert not IPv4Address(address).is_loopback
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))  # only an address of this machine can be bound


@pytest.mark.parametrize(
    ("answer", "address"),
    [(b'{"ip": "203.0.113.7", "city": "x"}', "203.0.113.7"), (b'{"ip": "2001:DB8::1"}', "2001:db8::1")],
)
def test_the_address_in_an_answer(answer: bytes, address: str) -> None:
    assert address_in(answer) == address


@pytest.mark.parametrize(
    "answer", [b"", b"203.0.113.7", b"[]", b"{}", b'{"ip": 5}', b'{"ip": "x"}', b'{"ip": "203.0.113.7\\n"}', b"\xff"]
)
def test_an_answer_without_a_valid_address_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):
        address_in(answer)


class Service:
    """Stands for the public service; what it does next can be changed."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def fetch(self) -> bytes:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class SignallingClock(FakeClock):
    """Tells when the poller has gone to sleep, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._slept = trio.Event()

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._slept.set()
        self._slept = trio.Event()
        await super().sleep(seconds)

    async def sleeping(self, times: int) -> None:
        """Wait until it has gone to sleep so many times."""
        while len(self.pauses) < times:
            await self._slept.wait()


@asynccontextmanager
async def polling(service: Service) -> AsyncIterator[tuple[PolledExternalAddress, SignallingClock]]:
    clock = SignallingClock()
    address = PolledExternalAddress(clock, service.fetch)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(address.serve)
        yield address, clock
        nursery.cancel_scope.cancel()


@pytest.mark.conformance("PING-04")
async def test_the_address_is_asked_at_once_and_then_every_hour() -> None:
    service = Service(b'{"ip": "203.0.113.7"}', b'{"ip": "203.0.113.8"}')
    async with polling(service) as (address, clock):
        await clock.sleeping(1)
        assert address.current == "203.0.113.7"
        clock.advance(EXTERNAL_ADDRESS_INTERVAL_SECONDS)
        await clock.sleeping(2)
        assert address.current == "203.0.113.8"


@pytest.mark.parametrize(
    "failure",
    [OSError("unreachable"), ValueError("status 500"), TimeoutError(), b"nonsense"],
)
async def test_a_failure_is_quiet_keeps_the_address_and_is_retried_sooner(
    failure: Exception | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(b'{"ip": "203.0.113.7"}', failure, failure, b'{"ip": "203.0.113.8"}')
    with caplog.at_level(logging.DEBUG, "townos.status.addresses"):
        async with polling(service) as (address, clock):
            await clock.sleeping(1)
            clock.advance(EXTERNAL_ADDRESS_INTERVAL_SECONDS)
            await clock.sleeping(2)
            assert address.current == "203.0.113.7"
            clock.advance(60)
            await clock.sleeping(3)
            clock.advance(60)
            await trio.testing.wait_all_tasks_blocked()
            assert service.asked == 3
            clock.advance(60)
            await clock.sleeping(4)
            assert address.current == "203.0.113.8"
    assert {record.levelname for record in caplog.records} == {"DEBUG"}


async def test_a_poller_that_is_not_enabled_asks_nobody() -> None:
    service = Service()
    address = PolledExternalAddress(FakeClock(), service.fetch, enabled=False)
    await address.serve()
    assert (service.asked, address.current) == (0, "")


@asynccontextmanager
async def web_server(answer: bytes) -> AsyncIterator[http.client.HTTPConnection]:
    async def handle(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(answer)

    async with trio.open_nursery() as nursery:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, handle, [listener])
        yield http.client.HTTPConnection("127.0.0.1", listener.socket.getsockname()[1], timeout=10)
        nursery.cancel_scope.cancel()


def reply(status: str, body: bytes, *headers: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


async def fetched(answer: bytes) -> bytes:
    async with web_server(answer) as connection:
        return await trio.to_thread.run_sync(fetch_from, connection, "/json")


async def test_the_body_of_a_good_answer_is_returned() -> None:
    assert await fetched(reply("200 OK", b'{"ip": "203.0.113.7"}')) == b'{"ip": "203.0.113.7"}'


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "500 Oops"])
async def test_redirects_and_errors_are_not_followed(status: str) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="status")):
        await fetched(reply(status, b"", b"Location: http://127.0.0.1:1/"))


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b""])
async def test_an_address_that_is_not_http_is_refused(answer: bytes) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc((ValueError, OSError))):
        await fetched(answer)


async def test_an_answer_that_is_too_long_is_refused() -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="too long")):
        await fetched(reply("200 OK", b"x" * (EXTERNAL_ADDRESS_MAX_BYTES + 1)))

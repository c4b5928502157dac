"""One GET over HTTP/1.1: TLS is verified, every redirect passes the gate again, no address is link-local.

The protocol is h11's; here bytes move and every wait has an end. Environment variables about proxies do not count.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from socket import SOCK_STREAM, gaierror
from typing import Final, Self

import h11
import trio

from townos.errors import Foreign, Invalid
from townos.i18n import Seconds
from townos.limits import (
    DOWNLOAD_CONNECT_TIMEOUT_SECONDS,
    DOWNLOAD_REDIRECTS_MAX,
    DOWNLOAD_SILENCE_TIMEOUT_SECONDS,
    RECEIVE_BYTES,
)
from townos.packages.vm_source import ImageUrl
from townos.urls import is_link_local

Event = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class Interrupted(Foreign):
    """The connection broke or fell silent: another try may get further."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer; header names are in lower case.

    `receive` waits for the next piece of the body, empty at its end, and raises `Interrupted` or `Foreign`.
    """

    url: ImageUrl
    status: int
    headers: Mapping[str, str]
    receive: Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def get(url: ImageUrl, headers: Mapping[str, str]) -> AsyncIterator[Answer]:
    """Ask for an address, following redirects. Raises `Foreign`, or `Interrupted`, naming the host."""
    for _ in range(DOWNLOAD_REDIRECTS_MAX + 1):
        async with _Exchange.begun(url) as exchange:
            answer = await exchange.ask(headers)
            if answer.status not in _REDIRECTS:
                yield answer
                return
        url = _redirected(answer)
    raise Foreign("vm.too_many_redirects", url.place)


def _redirected(answer: Answer) -> ImageUrl:
    try:
        return answer.url.redirected(answer.headers.get("location", ""))
    except Invalid as error:
        raise Foreign("vm.bad_redirect", answer.url.place, error.term) from error


class _Exchange:
    """One request on a connection of its own."""

    def __init__(self, url: ImageUrl, stream: trio.abc.Stream) -> None:
        self._url = url
        self._stream = stream
        self._protocol = h11.Connection(h11.CLIENT)

    @classmethod
    @asynccontextmanager
    async def begun(cls, url: ImageUrl) -> AsyncIterator[Self]:
        """Connect, and close in the end without waiting for the other side."""
        stream = await _connected(url)
        try:
            yield cls(url, stream)
        finally:
            await trio.aclose_forcefully(stream)

    async def ask(self, headers: Mapping[str, str]) -> Answer:
        """Send the request and wait for the head of the answer."""
        await self._send(h11.Request(method="GET", target=self._url.target, headers=self._headers(headers)))
        await self._send(h11.EndOfMessage())
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                received = {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers}
                return Answer(self._url, event.status_code, received, self._receive)

    def _headers(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        own = {"Host": self._url.place, "User-Agent": "town-os", "Accept-Encoding": "identity", "Connection": "close"}
        if self._url.authorization:
            own["Authorization"] = self._url.authorization
        return list((own | dict(headers)).items())

    async def _receive(self) -> bytes:
        event = await self._next()
        return bytes(event.data) if isinstance(event, h11.Data) else b""

    async def _send(self, event: h11.Request | h11.EndOfMessage) -> None:
        data = self._protocol.send(event)
        if not data:
            return
        try:
            with trio.fail_after(DOWNLOAD_SILENCE_TIMEOUT_SECONDS):
                await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.TooSlowError) as error:
            raise Interrupted("vm.connection_lost", self._url.place) from error

    async def _next(self) -> Event:
        """Wait for the next event of the protocol."""
        while True:
            try:
                event = self._protocol.next_event()
            except h11.RemoteProtocolError as error:
                if self._protocol.trailing_data[1]:  # the other side has closed before it had said everything
                    raise Interrupted("vm.connection_lost", self._url.place) from error
                raise Foreign("vm.no_http", self._url.place) from error
            if isinstance(event, Event):
                return event
            self._protocol.receive_data(await self._received())

    async def _received(self) -> bytes:
        try:
            with trio.fail_after(DOWNLOAD_SILENCE_TIMEOUT_SECONDS):
                return bytes(await self._stream.receive_some(RECEIVE_BYTES))
        except trio.TooSlowError as error:
            raise Interrupted("vm.silent", self._url.place, Seconds(DOWNLOAD_SILENCE_TIMEOUT_SECONDS)) from error
        except trio.BrokenResourceError as error:
            raise Interrupted("vm.connection_lost", self._url.place) from error


async def _connected(url: ImageUrl) -> trio.abc.Stream:
    """Connect to the first address of a host that answers."""
    failure: Exception | None = None
    for address in await _addresses(url):
        try:
            with trio.fail_after(DOWNLOAD_CONNECT_TIMEOUT_SECONDS):
                plain = await trio.open_tcp_stream(address, url.port)
                return plain if url.scheme == "http" else await _secured(plain, url.host)
        except ssl.SSLCertVerificationError as error:
            raise Foreign("vm.bad_certificate", url.place, error.verify_message) from error
        except (OSError, trio.TooSlowError, trio.BrokenResourceError) as error:
            failure = error
    raise Interrupted("vm.unreachable", url.place) from failure


async def _addresses(url: ImageUrl) -> list[str]:
    """Return the addresses of a host. What a name leads to passes the gate that the address itself has passed."""
    try:
        with trio.fail_after(DOWNLOAD_CONNECT_TIMEOUT_SECONDS):
            found = await trio.socket.getaddrinfo(url.host, url.port, type=SOCK_STREAM)
    except (gaierror, UnicodeError, trio.TooSlowError) as error:
        raise Foreign("vm.host_unknown", url.host) from error
    addresses = [str(place[0]) for *_, place in found]
    if any(map(is_link_local, addresses)):
        raise Foreign("vm.host_link_local", url.host)
    return addresses


async def _secured(plain: trio.SocketStream, host: str) -> trio.abc.Stream:
    """Shake hands. Raises `SSLCertVerificationError` unless the certificate is the host's."""
    try:
        context = await trio.to_thread.run_sync(ssl.create_default_context)  # reads all the authorities
        stream = trio.SSLStream(plain, context, server_hostname=host, https_compatible=True)
        await stream.do_handshake()
    except BaseException as error:
        await trio.aclose_forcefully(plain)
        if isinstance(error, trio.BrokenResourceError) and isinstance(error.__cause__, ssl.SSLCertVerificationError):
            raise error.__cause__ from error
        raise
    return stream

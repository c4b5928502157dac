"""Under which addresses this machine is reached: inside the home, and from outside.

The outside address is asked from a public service once an hour; without it, everything else works the same.
"""

import fcntl
import json
import logging
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Protocol

import trio

from townos.clock import Clock
from townos.limits import (
    EXTERNAL_ADDRESS_INTERVAL_SECONDS,
    EXTERNAL_ADDRESS_MAX_BYTES,
    EXTERNAL_ADDRESS_RETRY_FIRST_SECONDS,
    EXTERNAL_ADDRESS_THREADS,
    EXTERNAL_ADDRESS_TIMEOUT_SECONDS,
)

if TYPE_CHECKING:  # at run time it is imported where it is used, once the start is over
    from http.client import HTTPConnection

log: Final = logging.getLogger(__name__)

EXTERNAL_ADDRESS_HOST: Final = "ipinfo.io"
EXTERNAL_ADDRESS_PATH: Final = "/json"

_SIOCGIFADDR: Final = 0x8915  # linux/sockios.h
_INTERFACE_NAME_BYTES: Final = 15  # IFNAMSIZ without the final NUL
_ADDRESS_OFFSET_BYTES: Final = 20  # struct ifreq: 16 of name, then family and port of struct sockaddr_in

Fetch = Callable[[], bytes]
"""Returns the answer of the service, a JSON object with the key `ip`. Blocks; raises `OSError`, `ValueError`."""


def internal_address() -> str:
    """Return the first IPv4 address of an interface that is not the loopback; empty if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
        for _, interface in sorted(socket.if_nameindex()):
            address = _interface_address(probe, interface)
            if address and not ip_address(address).is_loopback:
                return address
    return ""


def _interface_address(probe: socket.socket, interface: str) -> str:
    request = struct.pack("256s", interface.encode()[:_INTERFACE_NAME_BYTES])
    try:
        answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
    except OSError:
        return ""  # the interface has no IPv4 address, or is gone by now
    return socket.inet_ntoa(answer[_ADDRESS_OFFSET_BYTES : _ADDRESS_OFFSET_BYTES + 4])


class ExternalAddress(Protocol):
    """The port to the address that the home has on the Internet."""

    @property
    def current(self) -> str:
        """The address as it was last seen; empty if it never was."""

    async def serve(self) -> None:
        """Keep it up to date until cancelled; return at once if nothing is to be asked."""


class PolledExternalAddress:
    """Asks a public service once an hour."""

    def __init__(self, clock: Clock, fetch: Fetch, *, enabled: bool = True) -> None:
        self._clock = clock
        self._fetch = fetch
        self._enabled = enabled
        self._current = ""
        self._threads = trio.CapacityLimiter(EXTERNAL_ADDRESS_THREADS)

    @property
    def current(self) -> str:
        """The address as it was last seen; empty if it never was."""
        return self._current

    async def serve(self) -> None:
        """Ask now and every hour; after a failure sooner, with a growing pause. Returns at once if not enabled."""
        pause = EXTERNAL_ADDRESS_RETRY_FIRST_SECONDS
        while self._enabled:
            if await self._refresh():
                pause = EXTERNAL_ADDRESS_RETRY_FIRST_SECONDS
                await self._clock.sleep(EXTERNAL_ADDRESS_INTERVAL_SECONDS)
            else:
                await self._clock.sleep(pause)
                pause = min(2 * pause, EXTERNAL_ADDRESS_INTERVAL_SECONDS)

    async def _refresh(self) -> bool:
        # Looking up a name can block for long and cannot be interrupted: at the end of the program, or of the time
        # that is given to it, the thread is left to end by itself.
        try:
            with trio.fail_after(EXTERNAL_ADDRESS_TIMEOUT_SECONDS):
                answer = await trio.to_thread.run_sync(self._fetch, abandon_on_cancel=True, limiter=self._threads)
            self._current = address_in(answer)
        except (OSError, ValueError, trio.TooSlowError) as error:
            log.debug("the external address could not be found out: %s", error)
            return False
        return True


def address_in(answer: bytes) -> str:
    """Return the address in the service's answer. Raises `ValueError` for anything but a valid one."""
    document = json.loads(answer)
    if not isinstance(document, dict) or not isinstance(document.get("ip"), str):
        raise ValueError("the answer has no address")  # noqa: TRY004  all bad answers are one kind of error here
    return str(ip_address(document["ip"]))


def fetch_over_https() -> bytes:
    """Ask the public service. Redirects are not followed. Raises like `fetch_from`."""
    from http.client import HTTPSConnection

    connection = HTTPSConnection(EXTERNAL_ADDRESS_HOST, timeout=EXTERNAL_ADDRESS_TIMEOUT_SECONDS)
    return fetch_from(connection, EXTERNAL_ADDRESS_PATH)


def fetch_from(connection: "HTTPConnection", path: str) -> bytes:
    """Return the body of a 200 answer. Raises `OSError`, and `ValueError` for anything else."""
    from http.client import HTTPException

    try:
        return _body(connection, path)
    except HTTPException as error:
        raise ValueError(f"no HTTP: {error!r}") from error
    finally:
        connection.close()


def _body(connection: "HTTPConnection", path: str) -> bytes:
    connection.request("GET", path, headers={"Accept": "application/json", "User-Agent": "town-os"})
    response = connection.getresponse()
    if response.status != HTTPStatus.OK:
        raise ValueError(f"status {response.status}")
    body = response.read(EXTERNAL_ADDRESS_MAX_BYTES + 1)
    if len(body) > EXTERNAL_ADDRESS_MAX_BYTES:
        raise ValueError("the answer is too long")
    return body

"""The service's side of systemd's notification protocol (sd_notify(3)): READY, STOPPING and WATCHDOG."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Final

import trio

from townos.limits import NOTIFY_TIMEOUT_SECONDS, WATCHDOG_INTERVALS_PER_TIMEOUT

log: Final = logging.getLogger(__name__)


class Notifier:
    """Tells the service manager how this process is; does nothing where nobody listens."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog_seconds = _watchdog_seconds(environment)

    async def ready(self) -> None:
        """The HTTP interface answers."""
        await self._send("READY=1")

    async def stopping(self) -> None:
        """The process is shutting down."""
        await self._send("STOPPING=1")

    async def serve_watchdog(self) -> None:
        """Feed the watchdog for as long as the event loop turns; return at once when none is asked for."""
        while self._watchdog_seconds:
            await self._send("WATCHDOG=1")
            await trio.sleep(self._watchdog_seconds / WATCHDOG_INTERVALS_PER_TIMEOUT)

    async def _send(self, message: str) -> None:
        """Send a message. A manager that does not read, its queue being full, holds up nothing but the caller."""
        if not self._address:
            return
        # A leading @ stands for the NUL of an abstract socket address.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with trio.socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notification:
            with trio.move_on_after(NOTIFY_TIMEOUT_SECONDS) as scope:
                await notification.connect(address)  # else the kernel does not tell when there is room again
                await notification.send(message.encode())
        if scope.cancelled_caught:
            log.warning("the service manager does not read its messages: %s is lost", message)


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """Return the watchdog's timeout if it is meant for this process, else 0."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    microseconds = environment.get("WATCHDOG_USEC", "0")
    return int(microseconds) / 1_000_000 if microseconds.isdigit() else 0.0

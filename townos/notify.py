"""The service's side of systemd's notification protocol (sd_notify(3)): READY, STOPPING, STATUS and WATCHDOG."""

import os
import socket
from collections.abc import Mapping

import trio

from townos.limits import WATCHDOG_INTERVALS_PER_TIMEOUT


class Notifier:
    """Tells the service manager how this process is; does nothing where nobody listens."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog_seconds = _watchdog_seconds(environment)

    def ready(self) -> None:
        """The HTTP interface answers."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The process is shutting down."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """Set the line that `systemctl status` shows."""
        self._send(f"STATUS={text}")

    async def serve_watchdog(self) -> None:
        """Feed the watchdog for as long as the event loop turns; return at once when none is asked for."""
        while self._watchdog_seconds:
            self._send("WATCHDOG=1")
            await trio.sleep(self._watchdog_seconds / WATCHDOG_INTERVALS_PER_TIMEOUT)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A leading @ stands for the NUL of an abstract socket address.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notification:
            notification.sendto(message.encode(), address)


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """Return the watchdog's timeout if it is meant for this process, else 0."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    microseconds = environment.get("WATCHDOG_USEC", "0")
    return int(microseconds) / 1_000_000 if microseconds.isdigit() else 0.0

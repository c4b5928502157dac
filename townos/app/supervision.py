"""What happens when a long-running task fails.

A background service is logged, shown as degraded and restarted with a growing pause; the essential ones (HTTP,
the database) are not supervised here: their failure ends the process, and systemd starts it anew.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from townos.clock import Clock
from townos.errors import TownError
from townos.i18n import Term
from townos.limits import (
    RESTART_BACKOFF_FIRST_SECONDS,
    RESTART_BACKOFF_MAX_SECONDS,
    RESTART_BACKOFF_RESET_SECONDS,
)
from townos.redaction import reason

log: Final = logging.getLogger(__name__)

Service = Callable[[], Awaitable[None]]


class Supervisor:
    """Keeps named background services running and knows which of them are in trouble."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[float, Term]] = {}

    @property
    def degraded(self) -> dict[str, Term]:
        """Name and last error of each service that failed lately: it may be between two attempts, or failing again."""
        since = self._clock.monotonic() - RESTART_BACKOFF_RESET_SECONDS
        return {name: error for name, (at, error) in self._failures.items() if at > since}

    async def keep(self, name: str, service: Service) -> None:
        """Run a service until it returns by itself; restart it after each failure."""
        backoff = RESTART_BACKOFF_FIRST_SECONDS
        while True:
            started = self._clock.monotonic()
            try:
                await service()
            except Exception as error:  # noqa: BLE001  it is logged, told and tried again
                self._note(name, error)
            else:
                return
            if self._clock.monotonic() - started >= RESTART_BACKOFF_RESET_SECONDS:
                backoff = RESTART_BACKOFF_FIRST_SECONDS
            await self._clock.sleep(backoff)
            backoff = min(2 * backoff, RESTART_BACKOFF_MAX_SECONDS)

    def _note(self, name: str, error: Exception) -> None:
        """Remember a failure and log it; one that is expected to happen needs no traceback."""
        fields = {"fields": {"SERVICE": name}}
        log.error("%s failed: %s", name, error, exc_info=not isinstance(error, TownError), extra=fields)
        self._failures[name] = (self._clock.monotonic(), reason(error))

    def start(self, nursery: trio.Nursery, name: str, service: Service) -> None:
        """Keep a service in a nursery's background."""
        nursery.start_soon(self.keep, name, service, name=name)

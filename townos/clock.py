"""The clock as a port, so that rules about time can be tested without waiting."""

from datetime import UTC, datetime
from typing import Protocol

import trio


class Clock(Protocol):
    """Wall time, monotonic time and sleeping."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return Trio's monotonic time in seconds."""
        return trio.current_time()

    async def sleep(self, seconds: float) -> None:
        """Sleep on Trio's clock."""
        await trio.sleep(seconds)

"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta

import trio


class FakeClock:
    """Starts at a fixed moment; `advance` moves it and wakes the sleepers whose time has come."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._moved = trio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        wake = self._elapsed + seconds
        while self._elapsed < wake:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Move time on by so many seconds."""
        self._elapsed += seconds
        moved, self._moved = self._moved, trio.Event()
        moved.set()

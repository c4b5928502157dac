"""One refresh of a repository at a time, and no more of them than are asked for."""

from collections.abc import Awaitable, Callable

import trio


class Turns:
    """Runs one piece of work for any number of callers.

    Whoever asks gets a run that began after asking: joining one that is under way would miss what was pushed a moment
    ago. Callers that wait at the same time share the next run.
    """

    def __init__(self) -> None:
        self.lock = trio.Lock()
        self._begun = 0
        self._ended = 0
        self._scope: trio.CancelScope | None = None

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Return when a run that began after this call has ended, or was interrupted."""
        wanted = self._begun + 1
        async with self.lock:
            if self._ended >= wanted:
                return
            self._begun += 1
            number = self._begun
            with trio.CancelScope() as self._scope:
                await work()
            self._ended = number

    def interrupt(self) -> None:
        """Cancel the run that is under way, if there is one."""
        if self._scope is not None:
            self._scope.cancel()

"""libgit2 looks for `known_hosts` below one process-wide home; clients with different homes take turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio


class SshHome:
    """Any number of SSH conversations at once for one home; those of another home wait until they have ended."""

    def __init__(self) -> None:
        self._home: Path | None = None
        self._users = 0
        self._freed = trio.Event()

    @asynccontextmanager
    async def held(self, home: Path) -> AsyncIterator[None]:
        """Hold the home; the caller's thread may then set it."""
        while self._users and self._home != home:
            await self._freed.wait()
        self._home = home
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._freed.set()
                self._freed = trio.Event()


PROCESS_SSH_HOME = SshHome()
"""The one of this process, because libgit2 has one setting for the whole process."""

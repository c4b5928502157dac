"""The directory of unit files."""

from functools import partial
from pathlib import Path

import trio

from townos.limits import UNIT_FILE_THREADS
from townos.names import UnitName
from townos.posix.files import replace_file, sync_directory


class UnitDirectory:
    """Writes, reads and removes unit files by their exact names (mode 0644)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = trio.CapacityLimiter(UNIT_FILE_THREADS)

    async def write(self, name: UnitName, text: str) -> None:
        """Put a unit file in place, whole or not at all."""
        await trio.to_thread.run_sync(partial(self._write, name, text), limiter=self._threads)

    async def read(self, name: UnitName) -> str | None:
        """Return a unit file's text, `None` if there is none."""
        return await trio.to_thread.run_sync(partial(self._read, name), limiter=self._threads)

    async def remove(self, name: UnitName) -> None:
        """Remove a unit file, if there is one."""
        await trio.to_thread.run_sync(partial(self._remove, name), limiter=self._threads)

    def _write(self, name: UnitName, text: str) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        replace_file(self._path / name, text.encode(), mode=0o644)

    def _read(self, name: UnitName) -> str | None:
        try:
            return (self._path / name).read_text()
        except FileNotFoundError:
            return None

    def _remove(self, name: UnitName) -> None:
        (self._path / name).unlink(missing_ok=True)
        if self._path.is_dir():
            sync_directory(self._path)

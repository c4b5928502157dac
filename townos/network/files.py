"""The directory of network state files. It is in RAM: every boot writes it anew."""

from contextlib import suppress
from pathlib import Path

import trio

from townos.names import PackageId
from townos.posix.files import replace_file


class NetworkStateFiles:
    """Reads and writes the files (mode 0600, in a directory of mode 0700), one for each package with ports."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, package: PackageId, text: str) -> None:
        """Put the file of a package in place; an empty text means that there is none."""
        if not text:
            await self.remove(package)
            return
        await trio.to_thread.run_sync(self._write, package, text)

    async def read(self, package: PackageId) -> str:
        """Return the text of a package's file, empty if there is none."""
        return await trio.to_thread.run_sync(self._read, package)

    async def remove(self, package: PackageId) -> None:
        """Remove the file of a package, if there is one."""
        await trio.to_thread.run_sync(self._remove, package)

    def _remove(self, package: PackageId) -> None:
        (self._directory / package.network_state).unlink(missing_ok=True)

    def _write(self, package: PackageId, text: str) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(self._directory / package.network_state, text.encode())

    def _read(self, package: PackageId) -> str:
        with suppress(FileNotFoundError):
            return (self._directory / package.network_state).read_text()
        return ""

"""Which TCP ports somebody on this machine listens on, from /proc."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import trio

PROC: Final = Path("/proc")
_LISTENING: Final = "0A"


class ListeningPorts(Protocol):
    """The port to the machine's sockets."""

    async def ports(self) -> frozenset[int]:
        """Return the ports that somebody listens on."""

    async def holder(self, port: int) -> str:
        """Return the name of the process that listens on a port, empty if it is not known."""


class ProcSockets:
    """Reads the kernel's tables."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc

    async def ports(self) -> frozenset[int]:
        """Return the ports that somebody listens on."""
        return await trio.to_thread.run_sync(self._ports)

    async def holder(self, port: int) -> str:
        """Return the name of the process that listens on a port, empty if it is not known."""
        return await trio.to_thread.run_sync(self._holder, port)

    def _ports(self) -> frozenset[int]:
        return frozenset(port for port, _ in self._listening())

    def _listening(self) -> Iterator[tuple[int, str]]:
        """Yield port and inode of each listening socket (proc_net_tcp(5))."""
        for table in ("tcp", "tcp6"):
            with suppress(FileNotFoundError):
                for line in (self._proc / "net" / table).read_text().splitlines()[1:]:
                    words = line.split()
                    if words[3] == _LISTENING:
                        yield int(words[1].rpartition(":")[2], 16), words[9]

    def _holder(self, port: int) -> str:
        wanted = {f"socket:[{inode}]" for number, inode in self._listening() if number == port}
        for descriptor in self._proc.glob("[0-9]*/fd/[0-9]*"):
            with suppress(OSError):  # processes come and go while we look
                if str(descriptor.readlink()) in wanted:
                    return (descriptor.parent.parent / "comm").read_text().strip()
        return ""

"""The ports of this room that no other room has: each adapter is built in the composition root."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from townos.names import ArchiveName, PackageId, UnitName


class ServiceManager(Protocol):
    """The port to systemd: each call waits for the job's result, and raises a `TownError` when it fails."""

    async def reload(self) -> None:
        """Read the unit files anew."""

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit."""

    async def start_and_watch(self, unit: UnitName, seconds: float, *, may_end: bool = True) -> None:
        """Start a unit and see that it stays up. Raises a `TownError` that tells why it did not."""

    async def enable(self, unit: UnitName) -> None:
        """Let a unit start at boot."""

    async def disable(self, unit: UnitName) -> None:
        """Keep a unit from starting at boot."""

    async def enabled(self, unit: UnitName) -> bool:
        """Tell whether systemd starts a unit at boot."""

    async def reset_failed(self, unit: UnitName) -> None:
        """Forget that a unit failed."""

    async def running(self, unit: UnitName) -> bool:
        """Tell whether a unit is active or about to be."""


class UnitFiles(Protocol):
    """The port to the directory of unit files."""

    async def write(self, name: UnitName, text: str) -> None:
        """Put a unit file in place."""

    async def read(self, name: UnitName) -> str | None:
        """Return a unit file's text, `None` if there is none."""

    async def remove(self, name: UnitName) -> None:
        """Remove a unit file, if there is one."""


class NetworkStates(Protocol):
    """The port to the files that tell the network controller what each package needs."""

    async def write(self, package: PackageId, text: str) -> None:
        """Put the file of a package in place; an empty text means that there is none."""

    async def read(self, package: PackageId) -> str:
        """Return the text of a package's file, empty if there is none."""

    async def remove(self, package: PackageId) -> None:
        """Remove the file of a package, if there is one."""


class UnitLog(Protocol):
    """The port to the journal."""

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""


class ArchiveUnpacker(Protocol):
    """The port to the archive files of this appliance."""

    async def unpack(self, name: ArchiveName, directory: Path) -> None:
        """Unpack a file into an empty directory. Raises `NotFound`, `Invalid`, `NoSpace`."""


class ManifestFiles(Protocol):
    """The port to the manifests in the repositories' checkouts."""

    async def content(self, package: PackageId) -> bytes:
        """Return a manifest's bytes. Raises `NotFound`."""

    def manifest_path(self, package: PackageId) -> Path:
        """Return where a package's manifest is."""

    def reading(self, package: PackageId) -> AbstractAsyncContextManager[None]:
        """Hold off changes to the package's checkout for the time of a block."""


class Offers(Protocol):
    """The port to the catalogue."""

    def latest(self, name: str) -> PackageId:
        """Return the highest version of a package. Raises `NotFound`."""

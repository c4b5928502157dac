"""What installations need of the other rooms."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from townos.containers.podman import Podman
from townos.git.client import GitClient
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.names import ArchiveName, PackageId, UnitName
from townos.network.files import NetworkStateFiles
from townos.storage.volumes import Volumes
from townos.vm.images import VmImages


class Services(Protocol):
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


class Log(Protocol):
    """The port to the journal."""

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""


class Archives(Protocol):
    """The port to the archive files of this appliance."""

    async def unpack(self, name: ArchiveName, directory: Path) -> None:
        """Unpack a file into an empty directory. Raises `NotFound`, `Invalid`, `NoSpace`."""


class Manifests(Protocol):
    """The port to the catalogue's files."""

    async def content(self, package: PackageId) -> bytes:
        """Return a manifest's bytes. Raises `NotFound`."""

    def manifest_path(self, package: PackageId) -> Path:
        """Return where a package's manifest is."""

    def reading(self, package: PackageId) -> AbstractAsyncContextManager[None]:
        """Hold off changes to the package's checkout for the time of a block."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the steps of an operation do their work."""

    records: Records
    volumes: Volumes
    podman: Podman
    services: Services
    units: UnitFiles
    network: NetworkStateFiles
    log: Log
    manifests: Manifests
    start_failures: StartFailures
    installed: InstalledPackages
    git: GitClient
    archives: Archives
    vm_images: VmImages

"""What is installed, compiled again from its records: for the plans of others, for lists, and for the boot."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from townos.errors import TownError
from townos.installations.records.manifests import read_manifest
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.packages.compile import HostNames, compile_package
from townos.packages.manifest import Manifest
from townos.packages.package import Package

log: Final = logging.getLogger(__name__)

Hosts = Callable[[], HostNames]
"""How this machine is reached at present."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed package: its manifest, the raw answers, both compiled, and how the machine was reached then."""

    id: PackageId
    manifest: Manifest
    answers: dict[str, str]
    package: Package
    hosts: HostNames


@dataclass(frozen=True, slots=True)
class InstalledState:
    """What was installed at one moment, read once for all that a request decides by it."""

    revision: int
    """That of the records when the reading began."""
    ids: Sequence[PackageId]
    """All that is recorded, sorted by repository, name and version."""
    digests: Mapping[PackageId, str]
    """The SHA-256 of each manifest that could be read, in hexadecimal."""
    readable: Mapping[PackageId, Installed]
    """What could be compiled; the others were logged."""

    def replaced_by(self, package: PackageId) -> PackageId | None:
        """Return the installed version that an installation of this one replaces."""
        same = [one for one in self.ids if (one.repository, one.name) == (package.repository, package.name)]
        return same[-1] if same else None


class InstalledPackages:
    """Reads what the records hold."""

    def __init__(self, records: Records, hosts: Hosts) -> None:
        self._records = records
        self._hosts = hosts

    async def get(self, package: PackageId) -> Installed:
        """Return one installed package. Raises `NotFound`, `Invalid`."""
        return await self._compiled(package, await self._records.manifest(package))

    async def state(self) -> InstalledState:
        """Return all that is installed. What cannot be read of one package is logged."""
        revision = self._records.revision
        ids = await self._records.installed()
        digests: dict[PackageId, str] = {}
        readable: dict[PackageId, Installed] = {}
        for package in ids:
            try:
                content = await self._records.manifest(package)
                digests[package] = sha256(content).hexdigest()
                readable[package] = await self._compiled(package, content)
            except (TownError, OSError) as error:
                fields = {"fields": {"PACKAGE": str(package)}}
                log.error("the installed package %s cannot be read: %s", package, error, extra=fields)  # noqa: TRY400
        return InstalledState(revision, ids, digests, readable)

    async def _compiled(self, package: PackageId, content: bytes) -> Installed:
        answers = await self._records.answers(package)
        manifest = await read_manifest(package, content)
        hosts = self._hosts()
        return Installed(package, manifest, answers, compile_package(package, manifest, answers, hosts), hosts)

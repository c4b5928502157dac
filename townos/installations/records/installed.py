"""What is installed, compiled again from its records: for the plans of others, for lists, and for the boot."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import trio

from townos.errors import TownError
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
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


class InstalledPackages:
    """Reads what the records hold."""

    def __init__(self, records: Records, hosts: Hosts) -> None:
        self._records = records
        self._hosts = hosts

    async def get(self, package: PackageId) -> Installed:
        """Return one installed package. Raises `NotFound`, `Invalid`."""
        content = await self._records.manifest(package)
        answers = await self._records.answers(package)
        manifest = await trio.to_thread.run_sync(load_manifest, content, f"{package.name}/{package.version}")
        hosts = self._hosts()
        return Installed(package, manifest, answers, compile_package(package, manifest, answers, hosts), hosts)

    async def all(self) -> list[Installed]:
        """Return every installed package that can be read; the others are logged and left out."""
        found = []
        for package in await self._records.installed():
            try:
                found.append(await self.get(package))
            except (TownError, OSError) as error:
                fields = {"fields": {"PACKAGE": str(package)}}
                log.error("the installed package %s cannot be read: %s", package, error, extra=fields)  # noqa: TRY400
        return found

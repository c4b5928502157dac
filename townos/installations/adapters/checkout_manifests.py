"""The catalogue's files, as installations need them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from townos.git.client import GitClient
from townos.names import PackageId
from townos.repositories.scan import PACKAGES, SUFFIX, read_manifest


class CheckoutManifests:
    """Manifests in the checkouts below the repositories' directory."""

    def __init__(self, base: Path, git: GitClient) -> None:
        self._base = base
        self._git = git

    async def content(self, package: PackageId) -> bytes:
        """Return a manifest's bytes. Raises `NotFound`."""
        checkout = self._base / package.repository
        async with self.reading(package):
            return await trio.to_thread.run_sync(read_manifest, checkout, package.name, package.version)

    def manifest_path(self, package: PackageId) -> Path:
        """Return where a package's manifest is."""
        return self._base / package.repository / PACKAGES / package.name / f"{package.version}{SUFFIX}"

    @asynccontextmanager
    async def reading(self, package: PackageId) -> AsyncIterator[None]:
        """Hold off changes to the package's checkout for the time of a block."""
        async with self._git.working_tree(self._base / package.repository):
            yield

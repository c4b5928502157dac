"""Manifests as their bytes say, read beside the event loop: one may be as large as a megabyte."""

from typing import Final

from townos.concurrency import ThreadBudget
from townos.limits import MANIFEST_THREADS
from townos.names import PackageId
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest

_READING: Final = ThreadBudget(MANIFEST_THREADS)


async def read_manifest(package: PackageId, content: bytes) -> Manifest:
    """Return a package's manifest. Raises `Invalid`."""
    return await _READING.run(load_manifest, content, f"{package.name}/{package.version}")

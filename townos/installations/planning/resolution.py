"""From a manifest and answers to a compiled package: whatever is not answered is carried over or generated."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import trio

from townos.errors import NotFound
from townos.installations.ports import ManifestFiles
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.network.ports import PortTable
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest
from townos.packages.package import Package
from townos.packages.questions import PORT, carried, completed


@dataclass(frozen=True, slots=True)
class ResolvedPackage:
    """A package as it would be installed, and the answers that make it so. `digest` is the manifest's SHA-256."""

    digest: str
    manifest: Manifest
    answers: dict[str, str]
    package: Package


async def manifest_to_install(manifests: ManifestFiles, records: Records, package: PackageId) -> bytes:
    """Return the manifest that an installation uses: the repository's, else the one that is installed.

    Raises `NotFound`.
    """
    try:
        return await manifests.content(package)
    except NotFound:
        if package not in await records.installed():
            raise
        return await records.manifest(package)


async def resolve(
    package: PackageId,
    content: bytes,
    answers: Mapping[str, str],
    earlier: Mapping[str, str],
    *,
    table: PortTable,
    hosts: HostNames,
) -> ResolvedPackage:
    """Return the package with every question answered; `earlier` answers count where none is given now.

    Raises `Invalid` with one field for each wrong answer, `Unavailable` without a free port."""
    manifest = await trio.to_thread.run_sync(load_manifest, content, f"{package.name}/{package.version}")
    known = carried(manifest.questions, answers, earlier)
    reserved = {int(answer) for answer in known.values() if PORT.fullmatch(answer)}

    def next_port() -> int:
        port = table.free(reserved)
        reserved.add(port)
        return port

    complete = completed(manifest.questions, known, package.name, next_port)
    compiled = compile_package(package, manifest, complete, hosts)
    return ResolvedPackage(sha256(content).hexdigest(), manifest, complete, compiled)

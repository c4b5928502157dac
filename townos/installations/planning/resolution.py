"""From a manifest and answers to a compiled package: whatever is not answered is carried over or generated."""

from collections.abc import Mapping
from dataclasses import dataclass

from townos.installations.planning.requests import LoadedManifest
from townos.network.ports import PortTable
from townos.packages.compile import HostNames, compile_package
from townos.packages.manifest import Manifest
from townos.packages.package import Package
from townos.packages.questions import PORT, carried, completed


@dataclass(frozen=True, slots=True)
class ResolvedPackage:
    """A package as it would be installed, and the answers that make it so. `digest` is that of the manifest."""

    digest: str
    manifest: Manifest
    answers: dict[str, str]
    package: Package


def resolve(
    loaded: LoadedManifest,
    answers: Mapping[str, str],
    earlier: Mapping[str, str],
    *,
    table: PortTable,
    hosts: HostNames,
) -> ResolvedPackage:
    """Return the package with every question answered; `earlier` answers count where none is given now.

    Raises `Invalid` with one field for each wrong answer, `Unavailable` without a free port."""
    package, manifest = loaded.package, loaded.manifest
    known = carried(manifest.questions, answers, earlier)
    reserved = {int(answer) for answer in known.values() if PORT.fullmatch(answer)}

    def next_port() -> int:
        port = table.free(reserved)
        reserved.add(port)
        return port

    complete = completed(manifest.questions, known, package.name, next_port)
    compiled = compile_package(package, manifest, complete, hosts)
    return ResolvedPackage(loaded.digest, manifest, complete, compiled)

"""From a request to a plan: whatever can be refused is refused here, before anything changes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import trio

from townos.clock import Clock
from townos.errors import Conflict, Internal, Invalid
from townos.images import ImageReference
from townos.installations.install import INSTALL
from townos.installations.installed import Hosts, Installed, InstalledPackages
from townos.installations.parts import Parts
from townos.installations.plans import InstallPlan, MovedVolume, PlannedVolume, Previous, UninstallPlan, read, stored
from townos.installations.unit import service_unit
from townos.limits import NAME_MAX_CHARS
from townos.names import PackageId, VolumeName
from townos.network.ports import APPLIANCE_PORTS, PortTable, port_taken
from townos.network.sockets import ListeningPorts
from townos.network.state import network_state
from townos.operations.engine import Operations
from townos.operations.kinds import Plan
from townos.packages.compile import compile_package
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest
from townos.packages.package import Package
from townos.packages.questions import PORT, completed
from townos.ports import NetworkMode
from townos.settings import Settings
from townos.storage.paths import Area, VolumePath

log: Final = logging.getLogger(__name__)

DISPLACED_SUFFIX: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan depends on besides the package."""

    network_mode: NetworkMode
    listen_port: int
    sockets: ListeningPorts
    settings: Settings
    hosts: Hosts
    clock: Clock


@dataclass(frozen=True, slots=True)
class Draft:
    """A package as it would be installed, and the answers that make it so."""

    digest: str
    manifest: Manifest
    answers: dict[str, str]
    package: Package


class Planner:
    """Plans against what is there, and against what others have planned."""

    def __init__(
        self, parts: Parts, installed: InstalledPackages, operations: Operations, surroundings: Surroundings
    ) -> None:
        self._parts = parts
        self._installed = installed
        self._operations = operations
        self._surroundings = surroundings

    async def install(self, package: PackageId, answers: Mapping[str, str]) -> Plan:
        """Plan an installation, or a reconfiguration if this very version is installed.

        A reconfiguration keeps the answers that are not given anew.

        Raises `Invalid` with one field for each wrong answer; `Conflict` for a port or a unit name that is taken, and
        while another version is installed.
        """
        recorded = await self._parts.records.installed()
        self._refuse_clashes(package, recorded)
        content = await self.manifest(package)
        table = await self._ports(package, await self._installed.all())
        previous = await self._previous(package) if package in recorded else None
        draft = await self._draft(package, answers, previous.answers if previous else {}, table, content)
        await self._refuse_taken_ports(draft.package, table)
        plan = InstallPlan(
            digest=draft.digest,
            image=_image(draft.package),
            answers=draft.answers,
            volumes=await self._volumes(draft.package),
            ports=[port.external for port in draft.package.ports],
            unit=self.unit(draft.package),
            network_state=self.network_state(draft.package),
            watch_seconds=await self._surroundings.settings.integer("start_watch_seconds"),
            start=not await self._parts.records.disabled(package.repository, package.name),
            previous=previous,
        )
        return stored(plan)

    async def uninstall(self, package: PackageId, *, purge: bool) -> Plan:
        """Plan an uninstallation. Raises `NotFound` unless the version is installed."""
        await self._parts.records.manifest(package)
        plan = UninstallPlan(
            answers=await self._answers(package),
            unit=await self._parts.units.read(package.unit) or "",
            network_state=await self._parts.network.read(package),
            volumes=await self._moves(package),
            purge=purge,
            running=await self._parts.services.running(package.unit),
            enabled=await self._parts.services.enabled(package.unit),
        )
        return stored(plan)

    def unit(self, package: Package) -> str:
        """Return the text of a package's unit file."""
        volumes = {
            volume.name: self._parts.volumes.location(VolumePath.installed(package.id, volume.name))
            for volume in package.volumes
        }
        return service_unit(package, volumes, self._surroundings.network_mode)

    def network_state(self, package: Package) -> str:
        """Return the text of a package's network state, empty if it needs none."""
        mode = self._surroundings.network_mode
        return network_state(package.id, package.external_ports, package.internal_ports, mode)

    async def quota(self, quota: int) -> int:
        """Return the quota that a manifest's means: 0 there stands for the default of the settings."""
        return quota or await self._surroundings.settings.bytes("default_quota")

    async def manifest(self, package: PackageId) -> bytes:
        """Return the manifest to install; what is installed is reconfigured with the manifest it was installed from.

        Raises `NotFound`.
        """
        if package in await self._parts.records.installed():
            return await self._parts.records.manifest(package)
        return await self._parts.manifests.content(package)

    async def _draft(
        self,
        package: PackageId,
        supplied: Mapping[str, str],
        earlier: Mapping[str, str],
        table: PortTable,
        content: bytes,
    ) -> Draft:
        manifest = await trio.to_thread.run_sync(load_manifest, content, f"{package.name}/{package.version}")
        answers = {name: answer for name, answer in earlier.items() if name in manifest.questions} | dict(supplied)
        reserved = {int(answer) for answer in answers.values() if PORT.fullmatch(answer)}

        def next_port() -> int:
            port = table.free(reserved)
            reserved.add(port)
            return port

        given = completed(manifest.questions, answers, package.name, next_port)
        compiled = compile_package(package, manifest, given, self._surroundings.hosts())
        return Draft(sha256(content).hexdigest(), manifest, given, compiled)

    def _refuse_clashes(self, package: PackageId, recorded: Sequence[PackageId]) -> None:
        for other in recorded:
            if (other.repository, other.name) == (package.repository, package.name) and other != package:
                raise Conflict("install.other_version", f"{package.repository}/{package.name}", other.version)
            if other != package and other.unit == package.unit:
                raise Conflict("install.unit_taken", package.unit, str(other))
        for claim in self._operations.claims():
            if claim.package != package and claim.package.unit == package.unit:
                raise Conflict("install.unit_taken", package.unit, str(claim.package))

    async def _ports(self, package: PackageId, installed: Sequence[Installed]) -> PortTable:
        own = {port.external for one in installed if one.id == package for port in one.package.ports}
        held = {port.external: str(one.id) for one in installed if one.id != package for port in one.package.ports}
        for claim in self._operations.claims():
            if claim.kind == INSTALL and claim.package != package:
                held.update(dict.fromkeys(read(InstallPlan, claim.plan).ports, str(claim.package)))
        listening = await self._surroundings.sockets.ports()
        return PortTable(held, listening - own, {**APPLIANCE_PORTS, self._surroundings.listen_port: "Town OS"})

    async def _refuse_taken_ports(self, package: Package, table: PortTable) -> None:
        for port in package.ports:
            holder = table.named_holder(port.external)
            if holder is not None:
                raise port_taken(port.external, holder or await self._surroundings.sockets.holder(port.external))

    async def _volumes(self, package: Package) -> list[PlannedVolume]:
        return [
            PlannedVolume(
                volume.name,
                await self.quota(volume.quota),
                await self._present_quota(VolumePath.installed(package.id, volume.name)),
            )
            for volume in package.volumes
        ]

    async def _present_quota(self, path: VolumePath) -> int | None:
        if not await self._parts.volumes.exists(path):
            return None
        return (await self._parts.volumes.get(path)).quota

    async def _previous(self, package: PackageId) -> Previous:
        return Previous(
            answers=await self._answers(package),
            unit=await self._parts.units.read(package.unit) or "",
            network_state=await self._parts.network.read(package),
            running=await self._parts.services.running(package.unit),
        )

    async def _answers(self, package: PackageId) -> dict[str, str]:
        """Return the stored answers. A damaged file must not keep a package from being repaired or removed."""
        try:
            return await self._parts.records.answers(package)
        except Internal:
            log.exception("%s: its stored answers are lost", package, extra={"fields": {"PACKAGE": str(package)}})
            return {}

    async def _moves(self, package: PackageId) -> list[MovedVolume]:
        """Return the package's volumes, whatever its manifest says: none is left behind."""
        suffix = self._surroundings.clock.now().strftime(DISPLACED_SUFFIX)
        names = [
            VolumeName.parse(volume.path.rest[-1])
            for volume in await self._parts.volumes.list()
            if volume.path.area is Area.INSTALLED and volume.path.rest[:-1] == _place(package)
        ]
        return [MovedVolume(name, await self._displaced(package, name, suffix)) for name in names]

    async def _displaced(self, package: PackageId, name: VolumeName, suffix: str) -> str:
        if not await self._parts.volumes.exists(VolumePath.uninstalled(package, name)):
            return ""
        return VolumeName.parse(f"{name[: NAME_MAX_CHARS - len(suffix) - 1]}.{suffix}")


def _image(package: Package) -> ImageReference:
    """Return the image that a package runs. Raises `Invalid` for what cannot be installed yet."""
    if package.image is None or package.seeds or package.templates:
        raise Invalid("install.not_supported", package.id)
    return package.image


def _place(package: PackageId) -> tuple[str, ...]:
    return (package.repository, package.name, package.version)

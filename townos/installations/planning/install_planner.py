"""From a request to a plan: whatever can be refused is refused here, before anything changes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from townos.clock import Clock
from townos.errors import Conflict, Internal
from townos.installations.parts import Parts
from townos.installations.planning.plans import (
    INSTALL,
    INSTALLING,
    UPGRADE,
    InstallPlan,
    PlannedVolume,
    Previous,
    SwitchPlan,
    UninstallPlan,
    stored,
)
from townos.installations.planning.port_planner import PortPlanner
from townos.installations.planning.requests import Request
from townos.installations.planning.resolution import ResolvedPackage, draft, manifest_to_install
from townos.installations.planning.seed_plans import images, planned_seeds
from townos.installations.planning.unit import service_unit
from townos.installations.planning.vm_disks import refuse_shared_disk, same_disk
from townos.installations.planning.volume_planner import VolumePlanner
from townos.installations.records.installed import Hosts
from townos.installations.steps.pausing import paused
from townos.installations.steps.templating import check_templates
from townos.installations.subjects import package_of
from townos.names import PackageId
from townos.network.port_mapping import NetworkMode
from townos.network.sockets import ListeningPorts
from townos.network.state import network_state
from townos.operations.engine import Operations
from townos.operations.kinds import Plan
from townos.packages.package import Package
from townos.packages.vm_source import VmImageSource
from townos.settings.settings import Settings
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.vm.accelerator import chosen
from townos.vm.unit import vm_service_unit

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan depends on besides the package."""

    network_mode: NetworkMode
    listen_port: int
    sockets: ListeningPorts
    settings: Settings
    hosts: Hosts
    clock: Clock
    space: SpaceGuard
    seccomp: Path


class Planner:
    """Plans against what is there, and against what others have planned."""

    def __init__(self, parts: Parts, operations: Operations, surroundings: Surroundings) -> None:
        self._parts = parts
        self._operations = operations
        self._surroundings = surroundings
        self._ports = PortPlanner(surroundings.sockets, surroundings.listen_port)
        self.volumes = VolumePlanner(parts.volumes, self.quota, surroundings.clock)

    async def kind(self, package: PackageId) -> str:
        """Return which kind of operation installs a package now: an upgrade if another manifest is installed."""
        previous = await self.previous(package)
        if previous is None:
            return INSTALL
        same = previous == package and not await self._is_changed(package)
        return INSTALL if same else UPGRADE

    async def install(self, request: Request, kind: str) -> Plan:
        """Plan an installation; one of what is installed keeps the answers that are not given anew.

        Raises `Invalid` with one field for each wrong answer; `Conflict` for a port or a unit name that is taken, and
        when what is installed has changed since the kind was decided; `NoSpace` on a full disk.
        """
        await self._surroundings.space.require_room()
        package = request.package
        await self._refuse_clashes(package, kind)
        previous = await self.previous(package)
        before = await self._before(previous) if previous else None
        content = await manifest_to_install(self._parts, package)
        table = await self._ports.table(package, await self._parts.installed.all(), self._operations.claims())
        hosts = self._surroundings.hosts()
        earlier = await self._earlier(request, before)
        made = await draft(package, content, request.answers, earlier, table=table, hosts=hosts)
        await self._ports.refuse_taken(made.package, table)
        await refuse_shared_disk(self._parts, made.package, self._operations.claims)
        await check_templates(made, hosts)
        volumes = await self.volumes.plan(package, made.package.volumes, previous, request.data_reuse)
        return stored(await self._install_plan(made, volumes, previous, before, kind))

    async def _install_plan(
        self,
        made: ResolvedPackage,
        volumes: Sequence[PlannedVolume],
        previous: PackageId | None,
        before: Previous | None,
        kind: str,
    ) -> InstallPlan:
        package, upgrades = made.package, kind == UPGRADE
        settings = self._surroundings.settings
        return InstallPlan(
            digest=made.digest,
            answers=made.answers,
            images=images(package),
            vm_image=package.vm.image if package.vm else "",
            disk_snapshot=await self._disk_snapshot(package, previous),
            volumes=list(volumes),
            seeds=planned_seeds(package, volumes),
            templates=len(package.templates),
            leaving=await self.volumes.leaving(previous, volumes) if previous else [],
            ports=[port.external for port in package.ports],
            unit=self.unit(package),
            network_state=self.network_state(package),
            watch_seconds=await settings.integer("upgrade_watch_seconds" if upgrades else "start_watch_seconds"),
            may_end=not upgrades,
            start=not await self._parts.records.disabled(package.id.repository, package.id.name),
            snapshots_kept=await settings.integer("snapshots_kept") if upgrades else None,
            previous=before,
        )

    async def uninstall(self, package: PackageId, *, purge: bool) -> Plan:
        """Plan an uninstallation. Raises `NotFound` unless the version is installed."""
        before = await self._before(package)
        plan = UninstallPlan(
            answers=before.answers,
            unit=before.unit,
            network_state=before.network_state,
            volumes=await self.volumes.leaving(package, ()),
            purge=purge,
            running=before.running,
            enabled=before.enabled,
            snapshots_kept=await self._surroundings.settings.integer("snapshots_kept"),
        )
        return stored(plan)

    async def switch(self, package: PackageId) -> Plan:
        """Plan to disable or enable a package. Raises `NotFound` unless the version is installed."""
        await self._parts.records.manifest(package)
        plan = SwitchPlan(
            disabled=await self._parts.records.disabled(package.repository, package.name),
            service=await paused(self._parts, package, self._surroundings.settings),
        )
        return stored(plan)

    async def previous(self, package: PackageId) -> PackageId | None:
        """Return the installed version that an installation of this one replaces."""
        installed = await self._parts.records.installed()
        same = [one for one in installed if (one.repository, one.name) == (package.repository, package.name)]
        return same[-1] if same else None

    def unit(self, package: Package) -> str:
        """Return the text of a package's unit file."""
        if package.vm is not None:
            accelerator = chosen(self._surroundings.settings.vm_accelerator)
            disk = self._parts.vm_images.location(VmImageSource.parse(package.vm.image).name)
            return vm_service_unit(package, package.vm, disk, accelerator)
        volumes = {
            volume.name: self._parts.volumes.location(VolumePath.installed(package.id, volume.name))
            for volume in package.volumes
        }
        return service_unit(package, volumes, self._surroundings.network_mode, self._surroundings.seccomp)

    def network_state(self, package: Package) -> str:
        """Return the text of a package's network state, empty if it needs none."""
        mode = self._surroundings.network_mode
        return network_state(package.id, package.external_ports, package.internal_ports, mode)

    async def quota(self, quota: int) -> int:
        """Return the quota that a manifest's means: 0 there stands for the default of the settings."""
        return quota or await self._surroundings.settings.bytes("default_quota")

    async def _is_changed(self, package: PackageId) -> bool:
        """Tell whether the repository has another manifest for an installed version than the one it runs with."""
        return await manifest_to_install(self._parts, package) != await self._parts.records.manifest(package)

    async def _earlier(self, request: Request, before: Previous | None) -> Mapping[str, str]:
        """Return the answers that are carried over where none is supplied."""
        if request.skip_response_reuse:
            return {}
        if before is not None:
            return before.answers
        if request.data_reuse.reuse_volumes:
            return await self._parts.records.last_answers(request.package.repository, request.package.name)
        return {}

    async def _disk_snapshot(self, package: Package, previous: PackageId | None) -> str:
        """Return under which name the disk is kept for the way back, empty unless the new version writes to it too."""
        if previous is None or not await same_disk(self._parts, package, previous):
            return ""
        return self.volumes.snapshot(SnapshotReason.UPGRADE)

    async def _refuse_clashes(self, package: PackageId, kind: str) -> None:
        if await self.kind(package) != kind:
            raise Conflict("install.changed_meanwhile", f"{package.repository}/{package.name}")
        claimed = [claim.subject for claim in self._operations.claims() if claim.kind in INSTALLING]
        retried = [one.subject for one in await self._operations.retried() if one.kind in INSTALLING]
        others = [*await self._parts.records.installed(), *map(package_of, (*claimed, *retried))]
        for other in others:
            if other != package and other.unit == package.unit:
                raise Conflict("install.unit_taken", package.unit, str(other))

    async def _before(self, package: PackageId) -> Previous:
        """Return what there is of an installed version. Raises `NotFound`."""
        await self._parts.records.manifest(package)
        return Previous(
            version=package.version,
            answers=await self._answers(package),
            unit=await self._parts.units.read(package.unit) or "",
            network_state=await self._parts.network.read(package),
            running=await self._parts.services.running(package.unit),
            enabled=await self._parts.services.enabled(package.unit),
        )

    async def _answers(self, package: PackageId) -> dict[str, str]:
        """Return the stored answers. A damaged file must not keep a package from being repaired or removed."""
        try:
            return await self._parts.records.answers(package)
        except Internal:
            log.exception("%s: its stored answers are lost", package, extra={"fields": {"PACKAGE": str(package)}})
            return {}

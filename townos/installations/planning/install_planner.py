"""From a request to a plan: whatever can be refused is refused here, before anything changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from townos.errors import Conflict
from townos.installations.planning.generated_files import GeneratedFiles
from townos.installations.planning.plans import (
    INSTALL,
    INSTALLING,
    UPGRADE,
    InstallPlan,
    PlannedVolume,
    Previous,
    stored,
)
from townos.installations.planning.port_planner import PortPlanner
from townos.installations.planning.present_state import PresentState
from townos.installations.planning.rendering import check_templates
from townos.installations.planning.requests import Request
from townos.installations.planning.resolution import ResolvedPackage, manifest_to_install, resolve
from townos.installations.planning.vm_disks import VmDisks
from townos.installations.planning.volume_planner import VolumePlanner, planned_seeds
from townos.installations.ports import ManifestFiles
from townos.installations.records.installed import Hosts, InstalledPackages
from townos.installations.records.store import Records
from townos.installations.subjects import package_of
from townos.names import PackageId
from townos.operations.engine import Operations
from townos.operations.kinds import Plan
from townos.packages.package import ImageSeed, Package
from townos.settings.settings import Settings
from townos.storage.snapshots import SnapshotReason
from townos.storage.space.guard import SpaceGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlanner:
    """Plans installations against what is there, and against what others have planned."""

    records: Records
    installed: InstalledPackages
    manifests: ManifestFiles
    operations: Operations
    present_state: PresentState
    volumes: VolumePlanner
    ports: PortPlanner
    disks: VmDisks
    files: GeneratedFiles
    settings: Settings
    hosts: Hosts
    space: SpaceGuard

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
        await self.space.require_room()
        package = request.package
        await self._refuse_clashes(package, kind)
        previous = await self.previous(package)
        before = await self.present_state.version(previous) if previous else None
        content = await manifest_to_install(self.manifests, self.records, package)
        table = await self.ports.table(package, await self.installed.all(), self.operations.claims())
        hosts = self.hosts()
        earlier = await self._earlier_answers(request, before)
        resolved = await resolve(package, content, request.answers, earlier, table=table, hosts=hosts)
        await self.ports.refuse_taken(resolved.package, table)
        await self.disks.refuse_shared(resolved.package)
        await check_templates(resolved, hosts)
        volumes = await self.volumes.plan(package, resolved.package.volumes, previous, request.data_reuse)
        return stored(await self._install_plan(resolved, volumes, previous, before, kind))

    async def previous(self, package: PackageId) -> PackageId | None:
        """Return the installed version that an installation of this one replaces."""
        installed = await self.records.installed()
        same = [one for one in installed if (one.repository, one.name) == (package.repository, package.name)]
        return same[-1] if same else None

    async def _install_plan(
        self,
        resolved: ResolvedPackage,
        volumes: Sequence[PlannedVolume],
        previous: PackageId | None,
        before: Previous | None,
        kind: str,
    ) -> InstallPlan:
        package, upgrades = resolved.package, kind == UPGRADE
        watch = "upgrade_watch_seconds" if upgrades else "start_watch_seconds"
        return InstallPlan(
            digest=resolved.digest,
            answers=resolved.answers,
            images=_images(package),
            vm_image=package.vm.image if package.vm else "",
            disk_snapshot=await self._disk_snapshot(package, previous),
            volumes=list(volumes),
            seeds=planned_seeds(package, volumes),
            templates=len(package.templates),
            leaving=await self.volumes.leaving(previous, volumes) if previous else [],
            ports=[port.external for port in package.ports],
            unit=self.files.unit(package),
            network_state=self.files.network_state(package),
            watch_seconds=await self.settings.integer(watch),
            may_end=not upgrades,
            start=not await self.records.disabled(package.id.repository, package.id.name),
            snapshots_kept=await self.settings.integer("snapshots_kept") if upgrades else None,
            previous=before,
        )

    async def _is_changed(self, package: PackageId) -> bool:
        """Tell whether the repository has another manifest for an installed version than the one it runs with."""
        content = await manifest_to_install(self.manifests, self.records, package)
        return content != await self.records.manifest(package)

    async def _earlier_answers(self, request: Request, before: Previous | None) -> Mapping[str, str]:
        """Return the answers that count where none is given now."""
        if request.skip_response_reuse:
            return {}
        if before is not None:
            return before.answers
        if request.data_reuse.reuse_volumes:
            return await self.records.last_answers(request.package.repository, request.package.name)
        return {}

    async def _disk_snapshot(self, package: Package, previous: PackageId | None) -> str:
        """Return under which name the disk is kept for a rollback, empty unless the new version writes to it too."""
        if previous is None or not await self.disks.is_same(package, previous):
            return ""
        return self.volumes.snapshot(SnapshotReason.UPGRADE)

    async def _refuse_clashes(self, package: PackageId, kind: str) -> None:
        if await self.kind(package) != kind:
            raise Conflict("install.changed_meanwhile", f"{package.repository}/{package.name}")
        claimed = [claim.subject for claim in self.operations.claims() if claim.kind in INSTALLING]
        retried = [one.subject for one in await self.operations.retried() if one.kind in INSTALLING]
        others = [*await self.records.installed(), *map(package_of, (*claimed, *retried))]
        for other in others:
            if other != package and other.unit == package.unit:
                raise Conflict("install.unit_taken", package.unit, str(other))


def _images(package: Package) -> list[str]:
    """Return the images to pull, each once, the one that runs first."""
    needed = [package.image, *(seed.image for seed in package.seeds if isinstance(seed, ImageSeed))]
    return list(dict.fromkeys(image for image in needed if image is not None))

"""From a request to a plan: whatever can be refused is refused here, before anything changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from townos.errors import Conflict
from townos.installations.planning.claims import PreparedInstallation, TakenByOthers
from townos.installations.planning.generated_files import GeneratedFiles
from townos.installations.planning.plans import (
    INSTALL,
    UPGRADE,
    InstallPlan,
    MovedVolume,
    PlannedVolume,
    Previous,
)
from townos.installations.planning.port_planner import PortPlanner
from townos.installations.planning.present_state import PresentState
from townos.installations.planning.rendering import check_templates
from townos.installations.planning.requests import LoadedManifest, Request
from townos.installations.planning.resolution import ResolvedPackage, resolve
from townos.installations.planning.vm_disks import has_same_disk, refuse_shared_disk
from townos.installations.planning.volume_planner import VolumePlanner, planned_seeds
from townos.installations.records.installed import Hosts, Installed, InstalledPackages, InstalledState
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.operations.engine import Operations
from townos.packages.package import ImageSeed, Package
from townos.settings.settings import Settings
from townos.storage.snapshots import SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.vm.images import VmImages


def kind_of_installation(loaded: LoadedManifest, state: InstalledState) -> str:
    """Return which kind of operation installs a package: an upgrade if another manifest is installed."""
    replaced = state.replaced_by(loaded.package)
    if replaced is None:
        return INSTALL
    is_same = replaced == loaded.package and state.digests.get(replaced) == loaded.digest
    return INSTALL if is_same else UPGRADE


@dataclass(frozen=True, slots=True)
class _Replaced:
    """The installed version that is replaced."""

    package: PackageId
    previous: Previous
    compiled: Installed | None
    """`None` if it cannot be read any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlanner:
    """Plans installations against what is there, and against what others have planned."""

    records: Records
    installed: InstalledPackages
    operations: Operations
    present_state: PresentState
    volumes: VolumePlanner
    ports: PortPlanner
    vm_images: VmImages
    files: GeneratedFiles
    settings: Settings
    hosts: Hosts
    space: SpaceGuard

    async def prepare(self, request: Request, kind: str, state: InstalledState) -> PreparedInstallation:
        """Plan an installation; one of what is installed keeps the answers that are not given anew.

        `kind` was decided by `state`. Raises `Invalid` with one field for each wrong answer; `Conflict` for a port, a
        unit name or a disk that is taken, and when what is installed has changed and asks for another kind; `NoSpace`
        on a full disk.
        """
        await self.space.require_room()
        state = await self._current(request, kind, state)
        taken = TakenByOthers.of(request.package, self.operations.claims())
        _refuse_taken_unit(request.package, state, taken)
        replaced = await self._replaced(request.package, state)
        resolved = await self._resolve(request, replaced, state, taken)
        previous = replaced.package if replaced else None
        existing = await self.volumes.existing(request.package.repository, request.package.name)
        wanted = resolved.package.volumes
        volumes = await self.volumes.plan(request.package, wanted, previous, request.data_reuse, existing)
        leaving = self.volumes.leaving(previous, existing, volumes) if previous else []
        plan = await self._plan(resolved, replaced, volumes, leaving, upgrades=kind == UPGRADE)
        return PreparedInstallation(request.package, plan, self.records, state.revision)

    async def _current(self, request: Request, kind: str, state: InstalledState) -> InstalledState:
        """Return what is installed now: `state`, unless it is out of date."""
        if state.revision == self.records.revision:
            return state
        state = await self.installed.state()
        if kind_of_installation(request.loaded, state) != kind:
            raise Conflict("install.changed_meanwhile", f"{request.package.repository}/{request.package.name}")
        return state

    async def _replaced(self, package: PackageId, state: InstalledState) -> _Replaced | None:
        replaced = state.replaced_by(package)
        if replaced is None:
            return None
        compiled = state.readable.get(replaced)
        return _Replaced(replaced, await self.present_state.version(replaced, compiled), compiled)

    async def _resolve(
        self, request: Request, replaced: _Replaced | None, state: InstalledState, taken: TakenByOthers
    ) -> ResolvedPackage:
        """Compile the package with all answers, and refuse one that cannot be run here."""
        installed, hosts = state.readable.values(), self.hosts()
        table = await self.ports.table(request.package, installed, taken.ports)
        earlier = await self._earlier_answers(request, replaced)
        resolved = resolve(request.loaded, request.answers, earlier, table=table, hosts=hosts)
        await self.ports.refuse_taken(resolved.package, table)
        await refuse_shared_disk(resolved.package, installed, taken.disks, self.vm_images)
        await check_templates(resolved, hosts)
        return resolved

    async def _earlier_answers(self, request: Request, replaced: _Replaced | None) -> Mapping[str, str]:
        """Return the answers that count where none is given now."""
        if request.skip_response_reuse:
            return {}
        if replaced is not None:
            return replaced.previous.answers
        if request.data_reuse.reuse_volumes:
            return await self.records.last_answers(request.package.repository, request.package.name)
        return {}

    async def _plan(
        self,
        resolved: ResolvedPackage,
        replaced: _Replaced | None,
        volumes: list[PlannedVolume],
        leaving: list[MovedVolume],
        *,
        upgrades: bool,
    ) -> InstallPlan:
        package = resolved.package
        watch = "upgrade_watch_seconds" if upgrades else "start_watch_seconds"
        return InstallPlan(
            digest=resolved.digest,
            answers=resolved.answers,
            images=_images(package),
            vm_image=package.vm.image if package.vm else "",
            disk_snapshot=await self._disk_snapshot(package, replaced),
            volumes=volumes,
            seeds=planned_seeds(package, volumes),
            templates=len(package.templates),
            leaving=leaving,
            ports=[port.external for port in package.ports],
            unit=self.files.unit(package),
            network_state=self.files.network_state(package),
            watch_seconds=await self.settings.integer(watch),
            may_end=not upgrades,
            start=not await self.records.disabled(package.id.repository, package.id.name),
            snapshots_kept=await self.settings.integer("snapshots_kept") if upgrades else None,
            previous=replaced.previous if replaced else None,
        )

    async def _disk_snapshot(self, package: Package, replaced: _Replaced | None) -> str:
        """Return under which name the disk is kept for a rollback, empty unless the new version writes to it too."""
        if replaced is None or package.vm is None:
            return ""
        old = replaced.compiled or await self.installed.get(replaced.package)  # which tells why it cannot be read
        return self.volumes.snapshot(SnapshotReason.UPGRADE) if has_same_disk(package, old.package) else ""


def _refuse_taken_unit(package: PackageId, state: InstalledState, taken: TakenByOthers) -> None:
    installed = {other.unit: other for other in state.ids if other != package}
    if other := {**installed, **taken.units}.get(package.unit):
        raise Conflict("install.unit_taken", package.unit, str(other))


def _images(package: Package) -> list[str]:
    """Return the images to pull, each once, the one that runs first."""
    needed = [package.image, *(seed.image for seed in package.seeds if isinstance(seed, ImageSeed))]
    return list(dict.fromkeys(image for image in needed if image is not None))

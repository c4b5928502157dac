"""Plans for the data of packages alone: deleting it for good, and updating what came from git."""

from dataclasses import dataclass

from townos.errors import Invalid
from townos.installations.planning.plans import PlannedVolume, PurgePlan, RebuildPlan, RefreshedVolume, stored
from townos.installations.planning.present_state import PresentState
from townos.installations.planning.volume_planner import VolumePlanner, planned_seeds
from townos.installations.records.installed import InstalledPackages
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.operations.kinds import Plan
from townos.packages.package import GitSeed
from townos.settings.settings import Settings
from townos.storage.paths import Area, VolumePath
from townos.storage.snapshots import SnapshotReason
from townos.storage.space.guard import SpaceGuard
from townos.storage.volumes import VolumeViews


@dataclass(frozen=True, slots=True)
class DataPlanner:
    """Plans against what is on the disk."""

    installed: InstalledPackages
    volume_views: VolumeViews
    present_state: PresentState
    volumes: VolumePlanner
    settings: Settings
    space: SpaceGuard

    async def purge(self, package: PackageId) -> Plan:
        """Plan to delete all data of an installed package, that of uninstalled versions too. Raises `NotFound`."""
        installed = await self.installed.get(package)
        existing = await self.volumes.existing(package.repository, package.name)
        fresh = [
            PlannedVolume(volume.name, await self.volumes.quota(volume.quota)) for volume in installed.package.volumes
        ]
        plan = PurgePlan(
            doomed=[str(path) for path in sorted(existing.quotas)],
            fresh=fresh,
            seeds=planned_seeds(installed.package, fresh),
            templates=len(installed.package.templates),
            service=await self.present_state.service(package),
        )
        return stored(plan)

    async def purge_kept(self, repository: RepositoryName, name: PackageName) -> Plan:
        """Plan to delete what was kept of uninstalled versions."""
        existing = await self.volumes.existing(repository, name)
        return stored(PurgePlan([str(path) for path in sorted(existing.quotas) if path.area is Area.UNINSTALLED]))

    async def kept_version(self, repository: RepositoryName, name: PackageName) -> Version | None:
        """Return the highest version of which volumes were kept."""
        existing = await self.volumes.existing(repository, name)
        return next(iter(existing.versions(Area.UNINSTALLED)), None)

    async def rebuild(self, package: PackageId) -> Plan:
        """Plan to update the git volumes of an installed package, as its answers have them.

        Raises `NotFound`, `NoSpace` on a full disk, and `Invalid` when none of its volumes comes from git.
        """
        await self.space.require_room()
        installed = await self.installed.get(package)
        seeds = [seed for seed in installed.package.seeds if isinstance(seed, GitSeed)]
        if not seeds:
            raise Invalid("rebuild.no_git", str(package))
        plan = RebuildPlan(
            volumes=[await self._refreshed(package, seed) for seed in seeds],
            snapshots_kept=await self.settings.integer("snapshots_kept"),
            service=await self.present_state.service(package),
        )
        return stored(plan)

    async def _refreshed(self, package: PackageId, seed: GitSeed) -> RefreshedVolume:
        volume = await self.volume_views.get(VolumePath.installed(package, seed.volume))
        snapshot = self.volumes.snapshot(SnapshotReason.UPGRADE)
        return RefreshedVolume(seed.volume, seed.url.text_with_credentials(), seed.branch, volume.quota, snapshot)

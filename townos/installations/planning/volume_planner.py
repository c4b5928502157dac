"""Where the data of each volume comes from, decided by what is on the disk and what was asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from townos.clock import Clock
from townos.errors import Invalid
from townos.installations.planning.plans import MovedVolume, Origin, PlannedSeed, PlannedVolume
from townos.installations.planning.requests import DataReuse
from townos.names import PackageId, PackageName, RepositoryName, Version, VolumeName
from townos.packages.package import Package, PackageVolume
from townos.packages.versions import version_key
from townos.settings.settings import Settings
from townos.storage.paths import Area, VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.volumes import VolumeViews

_IMPORT_FIELD: Final = "import_from_version"


@dataclass(frozen=True, slots=True)
class ExistingVolumes:
    """The volumes of one package at a moment, in all versions, installed or not: quota in bytes by path."""

    quotas: Mapping[VolumePath, int]

    def names(self, area: Area, version: str) -> list[VolumeName]:
        """Return the names of one version's volumes, sorted."""
        return sorted(
            VolumeName.parse(path.rest[-1]) for path in self.quotas if path.area is area and path.rest[2] == version
        )

    def versions(self, area: Area, volume: str = "") -> list[Version]:
        """Return the versions that have volumes, or this one, highest first."""
        found = {path.rest[2] for path in self.quotas if path.area is area and volume in {"", path.rest[-1]}}
        return sorted(map(Version.parse, found), key=version_key, reverse=True)


@dataclass(frozen=True, slots=True)
class VolumePlanner:
    """Plans volumes."""

    volumes: VolumeViews
    settings: Settings
    clock: Clock

    async def quota(self, quota: int) -> int:
        """Return the quota that a manifest's means, in bytes: 0 there stands for the default of the settings."""
        return quota or await self.settings.bytes("default_quota")

    async def existing(self, repository: RepositoryName, name: PackageName) -> ExistingVolumes:
        """Return what there is of a package, in all versions, installed or not."""
        listed = {volume.path: volume.quota for volume in await self.volumes.list()}
        return ExistingVolumes({path: quota for path, quota in listed.items() if _belongs(path, repository, name)})

    async def plan(
        self,
        package: PackageId,
        volumes: Iterable[PackageVolume],
        previous: PackageId | None,
        reuse: DataReuse,
        existing: ExistingVolumes,
    ) -> list[PlannedVolume]:
        """Return the volumes of an installation. Raises `Invalid` naming `import_from_version`."""
        _check_import(package, previous, reuse, existing)
        return [
            await self._planned(package, volume, origin_of(package, volume.name, previous, reuse, existing), existing)
            for volume in volumes
        ]

    def leaving(
        self, package: PackageId, existing: ExistingVolumes, staying: Iterable[PlannedVolume] = ()
    ) -> list[MovedVolume]:
        """Return the volumes of an installed version that are kept, whatever its manifest says: none is left behind."""
        taken = {volume.source for volume in staying if volume.origin is Origin.MIGRATED}
        names = existing.names(Area.INSTALLED, package.version)
        gone = [name for name in names if str(VolumePath.installed(package, name)) not in taken]
        return [self._moved(package, name, existing) for name in gone]

    def snapshot(self, reason: SnapshotReason) -> str:
        """Return an identifier for a snapshot that is going to be taken."""
        return str(SnapshotId.make(self.clock.now(), reason))

    def _moved(self, package: PackageId, name: VolumeName, existing: ExistingVolumes) -> MovedVolume:
        now = self.clock.now()
        older = str(SnapshotId.make(now - timedelta(microseconds=1), SnapshotReason.UNINSTALL))
        is_displacing = VolumePath.uninstalled(package, name) in existing.quotas
        return MovedVolume(
            name,
            snapshot=str(SnapshotId.make(now, SnapshotReason.UNINSTALL)),
            displaced=older if is_displacing else "",
        )

    async def _planned(
        self, package: PackageId, volume: PackageVolume, origin: "Provenance", existing: ExistingVolumes
    ) -> PlannedVolume:
        source = origin.source or VolumePath.installed(package, volume.name)
        needs_snapshot = origin.origin in {Origin.MIGRATED, Origin.KEPT}
        return PlannedVolume(
            volume.name,
            await self.quota(volume.quota),
            origin.origin,
            source=str(origin.source) if origin.source else "",
            previous_quota=existing.quotas.get(source, 0),
            snapshot=self.snapshot(SnapshotReason.UPGRADE) if needs_snapshot else "",
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a volume's data comes from, and of which volume it is, if of any."""

    origin: Origin
    source: VolumePath | None = None


def origin_of(
    package: PackageId, name: VolumeName, previous: PackageId | None, reuse: DataReuse, existing: ExistingVolumes
) -> Provenance:
    """Decide where a volume's data comes from: a copy that was asked for, what is replaced, what was kept, nothing."""
    if reuse.import_from_version and (source := _version_of(reuse.import_from_version, package, name, existing)):
        return Provenance(Origin.IMPORTED, source)
    if previous and (source := VolumePath.installed(previous, name)) in existing.quotas:
        return Provenance(Origin.MIGRATED, source)
    if VolumePath.installed(package, name) in existing.quotas:
        return Provenance(Origin.PRESENT)
    if reuse.reuse_volumes and (versions := existing.versions(Area.UNINSTALLED, name)):
        kept = PackageId(package.repository, package.name, versions[0])
        return Provenance(Origin.KEPT, VolumePath.uninstalled(kept, name))
    return Provenance(Origin.NEW)


def planned_seeds(package: Package, volumes: Iterable[PlannedVolume]) -> list[PlannedSeed]:
    """Return the seeds of the volumes that are new; data that is there is never touched."""
    new = {volume.name for volume in volumes if volume.origin is Origin.NEW}
    return [PlannedSeed.of(seed) for seed in package.seeds if seed.volume in new]


def _version_of(version: str, package: PackageId, name: VolumeName, existing: ExistingVolumes) -> VolumePath | None:
    other = PackageId(package.repository, package.name, Version.parse(version))
    sources = (VolumePath.installed(other, name), VolumePath.uninstalled(other, name))
    return next((source for source in sources if source in existing.quotas), None)


def _check_import(package: PackageId, previous: PackageId | None, reuse: DataReuse, existing: ExistingVolumes) -> None:
    """Refuse a version that has nothing, and one whose data the package has already."""
    version = reuse.import_from_version
    if not version:
        return
    known: Sequence[str] = [*existing.versions(Area.INSTALLED), *existing.versions(Area.UNINSTALLED)]
    if version not in known:
        raise Invalid.at(_IMPORT_FIELD, "install.import_nothing", version)
    if package == previous or existing.names(Area.INSTALLED, package.version):
        raise Invalid.at(_IMPORT_FIELD, "install.import_into_installed", str(package))
    if reuse.reuse_volumes:
        raise Invalid.at(_IMPORT_FIELD, "install.import_or_reuse")


def _belongs(path: VolumePath, repository: RepositoryName, name: PackageName) -> bool:
    return path.area is not Area.USER and len(path.rest) == 4 and path.rest[:2] == (repository, name)

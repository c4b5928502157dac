"""Moving volumes between the areas in steps that may run again after a crash."""

from townos.installations.planning.plans import MovedVolume, PlannedVolume
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes


async def relocate(volumes: Volumes, source: VolumePath, target: VolumePath) -> None:
    """Rename a volume, as far as it was not done before. Raises `NotFound` when it is at neither place."""
    if source != target:
        await volumes.rename(source, target)


async def roll_back_relocation(volumes: Volumes, path: VolumePath, volume: PlannedVolume) -> None:
    """Return a volume to where it came from, with the data and the quota that it had.

    Without the snapshot nothing has been done to it yet.
    """
    source = VolumePath.package_volume(volume.source)
    await _move_back(volumes, path, source)
    snapshot = SnapshotId.parse(volume.snapshot)
    if snapshot in [known.id for known in await volumes.snapshots(source)]:
        await volumes.restore(source, snapshot, volume.previous_quota)


async def keep(volumes: Volumes, package: PackageId, moved: MovedVolume) -> None:
    """Move a volume of an installed version to `uninstalled/`; an older data set there becomes a snapshot of it."""
    source, target = _installed_and_kept(package, moved)
    if moved.displaced and await volumes.exists(source):  # else it has moved already, and the target is the newer one
        await volumes.move_to_snapshots(target, SnapshotId.parse(moved.displaced))
    await relocate(volumes, source, target)


async def roll_back_keep(volumes: Volumes, package: PackageId, moved: MovedVolume) -> None:
    """Move a volume back that `keep` may have moved."""
    source, target = _installed_and_kept(package, moved)
    await _move_back(volumes, target, source)


def snapshots_of_keep(moved: MovedVolume) -> set[SnapshotId]:
    """Return the snapshots that came into being by keeping a volume: they stay, however few may be kept."""
    return {SnapshotId.parse(text) for text in (moved.snapshot, moved.displaced) if text}


def _installed_and_kept(package: PackageId, moved: MovedVolume) -> tuple[VolumePath, VolumePath]:
    name = VolumeName.parse(moved.name)
    return VolumePath.installed(package, name), VolumePath.uninstalled(package, name)


async def _move_back(volumes: Volumes, moved: VolumePath, source: VolumePath) -> None:
    """Undo a renaming, as far as it was done.

    A volume that is back already is renamed all the same: a crash may have left its snapshots behind.
    """
    if moved != source and await volumes.exists(moved) != await volumes.exists(source):
        await volumes.rename(moved, source)

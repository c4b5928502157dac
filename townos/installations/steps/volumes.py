"""The volumes that are made beside what is installed: new ones, kept ones and copies. It goes on running meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from townos.installations.planning.plans import Origin, PlannedVolume
from townos.installations.ports import ServiceManager
from townos.installations.steps.change import Change
from townos.installations.steps.moving import relocate, roll_back_relocation
from townos.operations.kinds import Progress, Step, counted
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes


@dataclass(frozen=True, slots=True)
class MakeVolumes:
    """Makes every volume that does not come from the version that is replaced."""

    volumes: Volumes
    services: ServiceManager

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step."""
        return (Step("volumes", partial(self._make_all, change), partial(self._unmake_all, change), unit="volumes"),)

    async def _make_all(self, change: Change, progress: Progress) -> None:
        for volume in counted(_made(change), progress):
            await self._make(change.path(volume), volume)

    async def _make(self, path: VolumePath, volume: PlannedVolume) -> None:
        match volume.origin:
            case Origin.KEPT:
                source = VolumePath.package_volume(volume.source)
                if await self.volumes.exists(source):
                    await self.volumes.snapshot(source, SnapshotId.parse(volume.snapshot))
                await relocate(self.volumes, source, path)
                await self.volumes.set_quota(path, volume.quota)
            case Origin.IMPORTED:
                if not await self.volumes.exists(path):
                    await self.volumes.copy(VolumePath.package_volume(volume.source), path, volume.quota)
            case _:
                await self.volumes.ensure(path, volume.quota)

    async def _unmake_all(self, change: Change) -> None:
        if change.plan.previous is None or not change.version_stays:
            await self.services.stop(change.package.unit)  # the undo of the start may have failed
        for volume in _made(change):
            await self._unmake(change.path(volume), volume)

    async def _unmake(self, path: VolumePath, volume: PlannedVolume) -> None:
        match volume.origin:
            case Origin.KEPT:
                await roll_back_relocation(self.volumes, path, volume)
            case Origin.PRESENT:
                await self.volumes.set_quota(path, volume.previous_quota)
            case _:
                await self.volumes.delete(path)


def _made(change: Change) -> Sequence[PlannedVolume]:
    return [volume for volume in change.plan.volumes if volume.origin is not Origin.MIGRATED]

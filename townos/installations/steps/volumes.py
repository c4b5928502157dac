"""The volumes that are made beside what is installed: new ones, kept ones and copies. It goes on running meanwhile."""

from collections.abc import Sequence

from townos.installations.planning.plans import Origin, PlannedVolume
from townos.installations.steps.change import Change
from townos.installations.steps.moving import put_back, relocate
from townos.operations.kinds import Progress, Step, counted
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId


class NewVolumes(Change):
    """Makes every volume that does not come from the version that is replaced."""

    def steps(self) -> Sequence[Step]:
        """Return the step."""
        return (Step("volumes", self._make_all, self._unmake_all, unit="volumes"),)

    @property
    def _volumes(self) -> Sequence[PlannedVolume]:
        return [volume for volume in self.plan.volumes if volume.origin is not Origin.MIGRATED]

    async def _make_all(self, progress: Progress) -> None:
        for volume in counted(self._volumes, progress):
            await self._make(volume)

    async def _make(self, volume: PlannedVolume) -> None:
        path = self.path(volume)
        match volume.origin:
            case Origin.KEPT:
                source = VolumePath.package_volume(volume.source)
                if await self.parts.volumes.exists(source):
                    await self.parts.volumes.snapshot(source, SnapshotId.parse(volume.snapshot))
                await relocate(self.parts.volumes, source, path)
                await self.parts.volumes.set_quota(path, volume.quota)
            case Origin.IMPORTED:
                if not await self.parts.volumes.exists(path):
                    await self.parts.volumes.copy(VolumePath.package_volume(volume.source), path, volume.quota)
            case _:
                await self.parts.volumes.ensure(path, volume.quota)

    async def _unmake_all(self) -> None:
        if self.plan.previous is None or not self.version_stays:
            await self.parts.services.stop(self.package.unit)  # the undo of the start may have failed
        for volume in self._volumes:
            await self._unmake(volume)

    async def _unmake(self, volume: PlannedVolume) -> None:
        path = self.path(volume)
        match volume.origin:
            case Origin.KEPT:
                await put_back(self.parts.volumes, path, volume)
            case Origin.PRESENT:
                await self.parts.volumes.set_quota(path, volume.previous_quota)
            case _:
                await self.parts.volumes.delete(path)

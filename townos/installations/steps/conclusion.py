"""The end of an installation: from here on there is no way back."""

from collections.abc import Sequence
from typing import Final

from townos.installations.steps.change import Change
from townos.installations.steps.moving import kept_with
from townos.names import VolumeName
from townos.operations.kinds import Progress, Step, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId

FINISH: Final = "finish"


class Conclusion(Change):
    """Forgets what was kept for the way back."""

    def steps(self) -> Sequence[Step]:
        """Return the step."""
        return (Step(FINISH, self._finish, nothing),)

    async def _finish(self, _: Progress) -> None:
        self.parts.start_failures.clear(self.package)
        await self.parts.records.drop_replaced_manifest(self.package)
        if not self.version_stays:
            self.parts.start_failures.clear(self.old)
            await self.parts.records.remove(self.old)
            await self.parts.podman.remove_container(self.old.container)
        if self.plan.disk_snapshot:
            await self.parts.vm_images.delete_snapshot(self.disk, SnapshotId.parse(self.plan.disk_snapshot))
        await self._thin_out_snapshots()
        await self.parts.records.clear_last_answers(self.package.repository, self.package.name)

    async def _thin_out_snapshots(self) -> None:
        """Keep those of an upgrade, within the bound; other answers to the same version were only a moment's risk."""
        for volume in self.plan.volumes:
            if volume.snapshot and self.plan.snapshots_kept is None:
                await self.parts.volumes.delete_snapshot(self.path(volume), SnapshotId.parse(volume.snapshot))
            elif volume.snapshot and self.plan.snapshots_kept is not None:
                protected = {SnapshotId.parse(volume.snapshot)}
                await self.parts.volumes.prune(self.path(volume), self.plan.snapshots_kept, protected=protected)
        for leaving in self.plan.leaving:
            path = VolumePath.uninstalled(self.old, VolumeName.parse(leaving.name))
            if self.plan.snapshots_kept is not None:
                await self.parts.volumes.prune(path, self.plan.snapshots_kept, protected=kept_with(leaving))

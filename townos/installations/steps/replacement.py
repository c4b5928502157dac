"""Taking the place of what is installed: it stops, its data is kept as it is, and then handed over."""

from collections.abc import Sequence
from typing import Final

from townos.installations.planning.plans import MovedVolume, Origin, PlannedVolume
from townos.installations.steps.change import Change
from townos.installations.steps.moving import keep, put_back, relocate, unkeep
from townos.installations.steps.service import restore_unit
from townos.names import VolumeName
from townos.operations.kinds import Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId

_MOVE: Final = "move"


class Replacement(Change):
    """The hand-over. Putting it back restores the data from the snapshots, whatever the new version did to it."""

    def steps(self) -> Sequence[Step]:
        """Return the steps; none unless something is replaced."""
        if self.plan.previous is None:
            return ()
        # What the new version did to the data must not be what the old one starts with.
        stop = Step("stop", self._stop, self._start_again, undo_after=frozenset({_MOVE}))
        if not (self._migrated or self.plan.leaving or self.plan.disk_snapshot):
            return (stop,)
        return (
            stop,
            # Its undo leaves the snapshots: the one of the next step may have failed, and they are the only good copy.
            Step("snapshot", self._snapshot, nothing, unit="volumes"),
            Step(_MOVE, self._move, self._move_back, unit="volumes"),
        )

    @property
    def _migrated(self) -> Sequence[PlannedVolume]:
        return [volume for volume in self.plan.volumes if volume.origin is Origin.MIGRATED]

    async def _stop(self, _: Progress) -> None:
        await self.parts.services.stop(self.old.unit)

    async def _start_again(self) -> None:
        """Start what was running. Its unit is put back here too: the undo of that step may have failed."""
        previous = self.plan.previous
        assert previous is not None
        await restore_unit(self.parts, self.old.unit, previous.unit, enabled=previous.enabled)
        if previous.running:
            await self.parts.services.start_and_watch(self.old.unit, 0)

    async def _snapshot(self, progress: Progress) -> None:
        if self.plan.disk_snapshot:
            await self.parts.vm_images.snapshot(self.disk, SnapshotId.parse(self.plan.disk_snapshot))
        taken = [(VolumePath.package_volume(volume.source), volume.snapshot) for volume in self._migrated]
        taken += [
            (VolumePath.installed(self.old, VolumeName.parse(volume.name)), volume.snapshot)
            for volume in self.plan.leaving
        ]
        for path, identifier in counted(taken, progress):
            await self.parts.volumes.snapshot(path, SnapshotId.parse(identifier))

    async def _move(self, progress: Progress) -> None:
        volumes: list[PlannedVolume | MovedVolume] = [*self._migrated, *self.plan.leaving]
        for volume in counted(volumes, progress):
            if isinstance(volume, MovedVolume):
                await keep(self.parts.volumes, self.old, volume)
                continue
            await relocate(self.parts.volumes, VolumePath.package_volume(volume.source), self.path(volume))
            await self.parts.volumes.set_quota(self.path(volume), volume.quota)

    async def _move_back(self) -> None:
        # Not left to other undos: that of the start may have failed, and somebody may have started the old one since.
        for unit in {self.package.unit, self.old.unit}:
            await self.parts.services.stop(unit)
        if self.plan.disk_snapshot:
            await self.parts.vm_images.restore(self.disk, SnapshotId.parse(self.plan.disk_snapshot))
        for volume in self._migrated:
            await put_back(self.parts.volumes, self.path(volume), volume)
        for leaving in self.plan.leaving:
            await unkeep(self.parts.volumes, self.old, leaving)

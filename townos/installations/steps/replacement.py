"""Taking the place of what is installed: it stops, its data is kept as it is, and then handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.installations.planning.plans import MovedVolume, PlannedVolume
from townos.installations.ports import ServiceManager
from townos.installations.steps.change import Change
from townos.installations.steps.moving import keep, relocate, roll_back_keep, roll_back_relocation
from townos.installations.steps.units import UnitInstaller
from townos.names import VolumeName
from townos.operations.kinds import Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes
from townos.vm.images import VmImages

_MOVE: Final = "move"


@dataclass(frozen=True, slots=True)
class Replace:
    """The hand-over. A rollback restores the data from the snapshots, whatever the new version did to it."""

    volumes: Volumes
    vm_images: VmImages
    services: ServiceManager
    units: UnitInstaller

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the steps; none unless something is replaced."""
        plan = change.plan
        if plan.previous is None:
            return ()
        # What the new version did to the data must not be what the old one starts with.
        undo_after = frozenset({_MOVE})
        stop = Step("stop", partial(self._stop, change), partial(self._start_again, change), undo_after=undo_after)
        if not (change.migrated or plan.leaving or plan.disk_snapshot):
            return (stop,)
        return (
            stop,
            # Its undo leaves the snapshots: the one of the next step may have failed, and they are the only good copy.
            Step("snapshot", partial(self._snapshot, change), nothing, unit="volumes"),
            Step(_MOVE, partial(self._move, change), partial(self._move_back, change), unit="volumes"),
        )

    async def _stop(self, change: Change, _: Progress) -> None:
        await self.services.stop(change.old.unit)

    async def _start_again(self, change: Change) -> None:
        """Start what was running. Its unit is restored here too: the undo of that step may have failed."""
        previous = change.plan.previous
        assert previous is not None
        await self.units.install(change.old.unit, previous.unit, enabled=previous.enabled)
        if previous.running:
            await self.services.start_and_watch(change.old.unit, 0)

    async def _snapshot(self, change: Change, progress: Progress) -> None:
        plan = change.plan
        if plan.disk_snapshot:
            await self.vm_images.snapshot(change.disk, SnapshotId.parse(plan.disk_snapshot))
        taken = [(VolumePath.package_volume(volume.source), volume.snapshot) for volume in change.migrated]
        taken += [
            (VolumePath.installed(change.old, VolumeName.parse(volume.name)), volume.snapshot)
            for volume in plan.leaving
        ]
        for path, identifier in counted(taken, progress):
            await self.volumes.snapshot(path, SnapshotId.parse(identifier))

    async def _move(self, change: Change, progress: Progress) -> None:
        volumes: list[PlannedVolume | MovedVolume] = [*change.migrated, *change.plan.leaving]
        for volume in counted(volumes, progress):
            if isinstance(volume, MovedVolume):
                await keep(self.volumes, change.old, volume)
                continue
            await relocate(self.volumes, VolumePath.package_volume(volume.source), change.path(volume))
            await self.volumes.set_quota(change.path(volume), volume.quota)

    async def _move_back(self, change: Change) -> None:
        # Not left to other undos: that of the start may have failed, and somebody may have started the old one since.
        for unit in {change.package.unit, change.old.unit}:
            await self.services.stop(unit)
        if change.plan.disk_snapshot:
            await self.vm_images.restore(change.disk, SnapshotId.parse(change.plan.disk_snapshot))
        for volume in change.migrated:
            await roll_back_relocation(self.volumes, change.path(volume), volume)
        for leaving in change.plan.leaving:
            await roll_back_keep(self.volumes, change.old, leaving)

"""The record of what is installed, and the end of an installation: from there on nothing is rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.containers.podman import Podman
from townos.installations.ports import ManifestFiles
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.steps.change import Change
from townos.installations.steps.moving import snapshots_of_keep
from townos.names import VolumeName
from townos.operations.kinds import Progress, Step, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes
from townos.vm.images import VmImages

FINISH: Final = "finish"


@dataclass(frozen=True, slots=True)
class Record:
    """Links the manifest and stores the answers. A version that is replaced stays recorded until all is well."""

    records: Records
    manifests: ManifestFiles

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step."""
        return (Step("record", partial(self._record, change), partial(self._undo, change)),)

    async def _record(self, change: Change, _: Progress) -> None:
        package, plan = change.package, change.plan
        await self.records.save_last_answers(package, plan.answers)
        async with self.manifests.reading(package):
            await self.records.save(package, self.manifests.manifest_path(package), plan.digest, plan.answers)

    async def _undo(self, change: Change) -> None:
        if change.plan.previous is not None and change.version_stays:
            await self.records.restore(change.package, change.plan.previous.answers)
        else:
            await self.records.remove(change.package)


@dataclass(frozen=True, slots=True)
class Finish:
    """Forgets the version that is replaced, and what was kept for a rollback."""

    records: Records
    start_failures: StartFailures
    volumes: Volumes
    podman: Podman
    vm_images: VmImages

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step."""
        return (Step(FINISH, partial(self._finish, change), nothing),)

    async def _finish(self, change: Change, _: Progress) -> None:
        package, old = change.package, change.old
        self.start_failures.clear(package)
        await self.records.drop_replaced_manifest(package)
        if not change.version_stays:
            self.start_failures.clear(old)
            await self.records.remove(old)
            await self.podman.remove_container(old.container)
        if change.plan.disk_snapshot:
            await self.vm_images.delete_snapshot(change.disk, SnapshotId.parse(change.plan.disk_snapshot))
        await self._thin_out_snapshots(change)
        await self.records.clear_last_answers(package.repository, package.name)

    async def _thin_out_snapshots(self, change: Change) -> None:
        """Keep those of an upgrade, within the bound; other answers to the same version were only a moment's risk."""
        kept = change.plan.snapshots_kept
        for volume in change.plan.volumes:
            if volume.snapshot and kept is None:
                await self.volumes.delete_snapshot(change.path(volume), SnapshotId.parse(volume.snapshot))
            elif volume.snapshot and kept is not None:
                await self.volumes.prune(change.path(volume), kept, protected={SnapshotId.parse(volume.snapshot)})
        for leaving in change.plan.leaving:
            path = VolumePath.uninstalled(change.old, VolumeName.parse(leaving.name))
            if kept is not None:
                await self.volumes.prune(path, kept, protected=snapshots_of_keep(leaving))

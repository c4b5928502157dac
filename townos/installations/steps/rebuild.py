"""The steps that bring the git repositories in a package's volumes up to date.

The program stops first: while it runs it may write into the files that git reads. If anything fails, the volumes are
what they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.git.client import GitClient
from townos.git.url import GitUrl
from townos.installations.planning.plans import RebuildPlan, RefreshedVolume, read
from townos.installations.ports import ServiceManager
from townos.installations.steps.recording import FINISH
from townos.installations.steps.units import ServicePause
from townos.installations.subjects import on_package
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Plan, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes

REBUILD: Final = "rebuild-git"
_FETCH: Final = "fetch"


@dataclass(frozen=True, slots=True)
class RebuildSteps:
    """Updates the volumes that come from git."""

    volumes: Volumes
    git: GitClient
    services: ServiceManager
    pause: ServicePause

    def kind(self) -> Kind:
        """Return the kind of operation that updates git volumes."""
        return Kind(REBUILD, on_package(self._build), no_return=FINISH)

    def _build(self, package: PackageId, encoded: Plan) -> Sequence[Step]:
        plan = read(RebuildPlan, encoded)
        return (
            self.pause.stop_step(package, plan.service, undo_after=frozenset({_FETCH})),
            Step("snapshot", partial(self._snapshot, package, plan), nothing, unit="volumes"),
            Step(_FETCH, partial(self._fetch, package, plan), partial(self._restore, package, plan), unit="volumes"),
            self.pause.start_step(package, plan.service),
            Step(FINISH, partial(self._thin_out_snapshots, package, plan), nothing),
        )

    async def _snapshot(self, package: PackageId, plan: RebuildPlan, progress: Progress) -> None:
        for volume in counted(plan.volumes, progress):
            await self.volumes.snapshot(_path(package, volume), SnapshotId.parse(volume.snapshot))

    async def _fetch(self, package: PackageId, plan: RebuildPlan, progress: Progress) -> None:
        for volume in counted(plan.volumes, progress):
            directory = self.volumes.location(_path(package, volume))
            url = GitUrl.parse(volume.url).without_own_keys()
            await self.git.update(directory, url, branch=volume.branch)

    async def _restore(self, package: PackageId, plan: RebuildPlan) -> None:
        await self.services.stop(package.unit)
        for volume in plan.volumes:
            await self.volumes.restore(_path(package, volume), SnapshotId.parse(volume.snapshot), volume.quota)

    async def _thin_out_snapshots(self, package: PackageId, plan: RebuildPlan, _: Progress) -> None:
        """Only now: after the clock was set back, the snapshot for a rollback is what looks oldest."""
        for volume in plan.volumes:
            await self.volumes.prune(_path(package, volume), plan.snapshots_kept)


def _path(package: PackageId, volume: RefreshedVolume) -> VolumePath:
    return VolumePath.installed(package, VolumeName.parse(volume.name))

"""The steps that bring the git repositories in a package's volumes up to date.

The program stops first: while it runs it may write into the files that git reads. If anything fails, the volumes are
what they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.git.url import GitUrl
from townos.installations.parts import Parts
from townos.installations.planning.plans import RebuildPlan, RefreshedVolume, read
from townos.installations.steps.conclusion import FINISH
from townos.installations.steps.pausing import Pause
from townos.installations.subjects import on_package
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId

REBUILD: Final = "rebuild-git"
_FETCH: Final = "fetch"


def rebuild_kind(parts: Parts) -> Kind:
    """Return the kind of operation that updates git volumes."""

    def build(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Rebuild(package, read(RebuildPlan, plan), parts).steps()

    return Kind(REBUILD, on_package(build), no_return=FINISH)


@dataclass(frozen=True, slots=True)
class _Rebuild:
    package: PackageId
    plan: RebuildPlan
    parts: Parts

    def steps(self) -> Sequence[Step]:
        pause = Pause(self.package, self.plan.service, self.parts)
        return (
            Step("stop", pause.stop, pause.start_again, undo_after=frozenset({_FETCH})),
            Step("snapshot", self._snapshot, nothing, unit="volumes"),
            Step(_FETCH, self._fetch, self._restore, unit="volumes"),
            Step("start", pause.start, nothing),
            Step(FINISH, self._thin_out_snapshots, nothing),
        )

    async def _snapshot(self, progress: Progress) -> None:
        for volume in counted(self.plan.volumes, progress):
            await self.parts.volumes.snapshot(self._path(volume), SnapshotId.parse(volume.snapshot))

    async def _fetch(self, progress: Progress) -> None:
        for volume in counted(self.plan.volumes, progress):
            directory = self.parts.volumes.location(self._path(volume))
            url = GitUrl.parse(volume.url).without_own_keys()
            await self.parts.git.update(directory, url, branch=volume.branch)

    async def _restore(self) -> None:
        await self.parts.services.stop(self.package.unit)
        for volume in self.plan.volumes:
            snapshot = SnapshotId.parse(volume.snapshot)
            await self.parts.volumes.restore(self._path(volume), snapshot, volume.quota)

    async def _thin_out_snapshots(self, _: Progress) -> None:
        """Only now: after the clock was set back, the way back is what looks oldest."""
        for volume in self.plan.volumes:
            await self.parts.volumes.prune(self._path(volume), self.plan.snapshots_kept)

    def _path(self, volume: RefreshedVolume) -> VolumePath:
        return VolumePath.installed(self.package, VolumeName.parse(volume.name))

"""The steps that restore a volume, or one path in it, from a snapshot.

What there is becomes a snapshot first. A whole volume is replaced, so the service that uses it stands still meanwhile;
a path is exchanged in place, while the service goes on. Undone, everything is as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from townos.installations.planning.plans import RestorePlan, read
from townos.installations.ports import ServiceManager
from townos.installations.steps.recording import FINISH
from townos.installations.steps.units import ServicePause
from townos.installations.subjects import package_of
from townos.names import InnerPath
from townos.operations.kinds import Kind, Plan, Progress, Step, nothing
from townos.operations.subject import Subject
from townos.storage.history.path_restore import PathRestore
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes

RESTORE: Final = "restore-snapshot"
_RESTORE: Final = "restore"
_COPY: Final = "copy"
_SWAP: Final = "swap"


@dataclass(frozen=True, slots=True)
class RestoreSteps:
    """Restores a whole volume, or one path in it."""

    volumes: Volumes
    services: ServiceManager
    pause: ServicePause

    def kind(self) -> Kind:
        """Return the kind of operation that restores from a snapshot."""
        return Kind(RESTORE, self._build, no_return=FINISH)

    def _build(self, subject: Subject, encoded: Plan) -> Sequence[Step]:
        plan = read(RestorePlan, encoded)
        if plan.path:
            return _PathRestoration(plan, self.volumes).steps()
        return _VolumeRestoration(plan, self.volumes, subject, self.services, self.pause).steps()


@dataclass(frozen=True, slots=True)
class _Restoration:
    """What both forms share: the present state is kept, and in the end no more is kept than may be."""

    plan: RestorePlan
    volumes: Volumes

    @property
    def volume(self) -> VolumePath:
        return VolumePath.named(self.plan.volume)

    @property
    def snapshot(self) -> SnapshotId:
        return SnapshotId.parse(self.plan.snapshot)

    @property
    def before(self) -> SnapshotId:
        return SnapshotId.parse(self.plan.before)

    async def keep(self, _: Progress) -> None:
        await self.volumes.snapshot(self.volume, self.before)

    async def forget(self) -> None:
        await self.volumes.delete_snapshot(self.volume, self.before)

    async def finish(self, _: Progress) -> None:
        kept, protected = self.plan.snapshots_kept, {self.snapshot, self.before}
        await self.volumes.prune(self.volume, kept, protected=protected)


@dataclass(frozen=True, slots=True)
class _VolumeRestoration(_Restoration):
    """A whole volume."""

    subject: Subject
    services: ServiceManager
    pause: ServicePause

    def steps(self) -> Sequence[Step]:
        """Return the steps; without a service that uses the volume none stops or starts one."""
        work = (
            Step("snapshot", self.keep, self.forget, undo_after=frozenset({_RESTORE})),
            Step(_RESTORE, self._restore, self._roll_back),
        )
        finish = Step(FINISH, self.finish, nothing)
        service = self.plan.service
        if service is None:
            return (*work, finish)
        package = package_of(self.subject)
        stop = self.pause.stop_step(package, service, undo_after=frozenset({_RESTORE}))
        return (stop, *work, self.pause.start_step(package, service), finish)

    async def _restore(self, _: Progress) -> None:
        await self.volumes.restore(self.volume, self.snapshot, self.plan.quota)

    async def _roll_back(self) -> None:
        if self.plan.service is not None:
            await self.services.stop(package_of(self.subject).unit)
        await self.volumes.restore(self.volume, self.before, self.plan.quota)


class _PathRestoration(_Restoration):
    """One path in a volume."""

    def steps(self) -> Sequence[Step]:
        """Return the steps. What is replaced is deleted when nothing can be rolled back any more."""
        return (
            Step("snapshot", self.keep, self.forget, undo_after=frozenset({_SWAP})),
            Step(_COPY, self._copy, self._return.clear, undo_after=frozenset({_SWAP})),
            Step(_SWAP, self._swap, self._return.swap_back),
            Step(FINISH, self.finish, nothing),
        )

    @property
    def _return(self) -> PathRestore:
        return PathRestore(self.volumes, self.volume, InnerPath.parse(self.plan.path), self.plan.quota)

    async def keep(self, progress: Progress) -> None:
        await super().keep(progress)
        await self._return.require_room(self.snapshot, self.before)

    async def _copy(self, _: Progress) -> None:
        await self._return.prepare(self.snapshot)

    async def _swap(self, _: Progress) -> None:
        await self._return.swap()

    async def finish(self, progress: Progress) -> None:
        await self._return.clear()
        await super().finish(progress)

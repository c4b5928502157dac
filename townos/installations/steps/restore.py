"""The steps that bring a volume, or one path in it, back to what a snapshot holds.

What there is becomes a snapshot first. A whole volume is replaced, so the service that uses it stands still meanwhile;
a path is exchanged in place, while the service goes on. Undone, everything is as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.installations.parts import Parts
from townos.installations.planning.plans import RestorePlan, read
from townos.installations.steps.conclusion import FINISH
from townos.installations.steps.pausing import Pause
from townos.installations.subjects import package_of
from townos.names import InnerPath
from townos.operations.kinds import Kind, Progress, Step, nothing
from townos.operations.subject import Subject
from townos.storage.history.path_restore import PathRestore
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId

RESTORE: Final = "restore-snapshot"
_RESTORE: Final = "restore"
_COPY: Final = "copy"
_SWAP: Final = "swap"


def restore_kind(parts: Parts) -> Kind:
    """Return the kind of operation that restores from a snapshot."""

    def build(subject: Subject, plan: Mapping[str, Any]) -> Sequence[Step]:
        planned = read(RestorePlan, plan)
        restoration = _PathRestoration if planned.path else _VolumeRestoration
        return restoration(subject, planned, parts).steps()

    return Kind(RESTORE, build, no_return=FINISH)


@dataclass(frozen=True, slots=True)
class _Restoration:
    """What both forms share: the present state is kept, and in the end no more is kept than may be."""

    subject: Subject
    plan: RestorePlan
    parts: Parts

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
        await self.parts.volumes.snapshot(self.volume, self.before)

    async def forget(self) -> None:
        await self.parts.volumes.delete_snapshot(self.volume, self.before)

    async def finish(self, _: Progress) -> None:
        kept, protected = self.plan.snapshots_kept, {self.snapshot, self.before}
        await self.parts.volumes.prune(self.volume, kept, protected=protected)


class _VolumeRestoration(_Restoration):
    """A whole volume."""

    def steps(self) -> Sequence[Step]:
        """Return the steps; without a service that uses the volume none stops or starts one."""
        work = (
            Step("snapshot", self.keep, self.forget, undo_after=frozenset({_RESTORE})),
            Step(_RESTORE, self._restore, self._put_back),
        )
        finish = Step(FINISH, self.finish, nothing)
        if self.plan.service is None:
            return (*work, finish)
        pause = Pause(package_of(self.subject), self.plan.service, self.parts)
        stop = Step("stop", pause.stop, pause.start_again, undo_after=frozenset({_RESTORE}))
        return (stop, *work, Step("start", pause.start, nothing), finish)

    async def _restore(self, _: Progress) -> None:
        await self.parts.volumes.restore(self.volume, self.snapshot, self.plan.quota)

    async def _put_back(self) -> None:
        if self.plan.service is not None:
            await self.parts.services.stop(package_of(self.subject).unit)
        await self.parts.volumes.restore(self.volume, self.before, self.plan.quota)


class _PathRestoration(_Restoration):
    """One path in a volume."""

    def steps(self) -> Sequence[Step]:
        """Return the steps. What is replaced goes when there is no way back any more."""
        return (
            Step("snapshot", self.keep, self.forget, undo_after=frozenset({_SWAP})),
            Step(_COPY, self._copy, self._return.clear, undo_after=frozenset({_SWAP})),
            Step(_SWAP, self._swap, self._return.swap_back),
            Step(FINISH, self.finish, nothing),
        )

    @property
    def _return(self) -> PathRestore:
        return PathRestore(self.parts.volumes, self.volume, InnerPath.parse(self.plan.path), self.plan.quota)

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

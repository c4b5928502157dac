"""The steps of an uninstallation. Once a volume has moved or gone, it only goes forward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.errors import NoSpace
from townos.i18n import DEFAULT_LOCALE, T
from townos.installations.parts import Parts
from townos.installations.planning.plans import MovedVolume, UninstallPlan, read
from townos.installations.steps.moving import keep, kept_with
from townos.installations.steps.service import remove_unit, restore_unit, start_unit
from townos.installations.subjects import on_package
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId

UNINSTALL: Final = "uninstall"


def uninstall_kind(parts: Parts) -> Kind:
    """Return the kind of operation that uninstalls."""

    def build(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Uninstallation(package, read(UninstallPlan, plan), parts).steps()

    return Kind(UNINSTALL, on_package(build), no_return="volumes")


@dataclass(frozen=True, slots=True)
class _Uninstallation:
    package: PackageId
    plan: UninstallPlan
    parts: Parts

    def steps(self) -> Sequence[Step]:
        snapshot = Step("snapshot", self._snapshot, self._forget_snapshots, unit="volumes")
        return (
            Step("stop", self._stop, self._start),
            Step("unit", self._remove_unit, self._restore_unit),
            Step("network", self._remove_network_state, self._restore_network_state),
            *(() if self.plan.purge or not self.plan.volumes else (snapshot,)),
            Step("volumes", self._purge if self.plan.purge else self._keep, nothing, unit="volumes"),
            Step("record", self._remove_record, nothing),
        )

    async def _stop(self, _: Progress) -> None:
        await self.parts.services.stop(self.package.unit)
        await self.parts.services.reset_failed(self.package.unit)
        await self.parts.podman.remove_container(self.package.container)

    async def _start(self) -> None:
        if self.plan.running:
            await start_unit(self.parts, self.package.unit, self.plan.unit, 0, enabled=self.plan.enabled)

    async def _remove_unit(self, _: Progress) -> None:
        await remove_unit(self.parts, self.package.unit)

    async def _restore_unit(self) -> None:
        if self.plan.unit:
            await restore_unit(self.parts, self.package.unit, self.plan.unit, enabled=self.plan.enabled)

    async def _remove_network_state(self, _: Progress) -> None:
        await self.parts.network.remove(self.package)

    async def _restore_network_state(self) -> None:
        await self.parts.network.write(self.package, self.plan.network_state)

    async def _snapshot(self, progress: Progress) -> None:
        """Keep the state of this moment; a full disk must not keep anybody from removing what fills it."""
        for volume in counted(self.plan.volumes, progress):
            try:
                await self.parts.volumes.snapshot(self._path(volume), SnapshotId.parse(volume.snapshot))
            except NoSpace as error:
                progress.warn(T(DEFAULT_LOCALE, "install.kept_without_snapshot", volume.name, error.text()))

    async def _forget_snapshots(self) -> None:
        for volume in self.plan.volumes:
            await self.parts.volumes.delete_snapshot(self._path(volume), SnapshotId.parse(volume.snapshot))

    async def _purge(self, progress: Progress) -> None:
        for volume in counted(self.plan.volumes, progress):
            await self.parts.volumes.delete(self._path(volume))

    async def _keep(self, progress: Progress) -> None:
        for volume in counted(self.plan.volumes, progress):
            await keep(self.parts.volumes, self.package, volume)
            kept = VolumePath.uninstalled(self.package, VolumeName.parse(volume.name))
            await self.parts.volumes.prune(kept, self.plan.snapshots_kept, protected=kept_with(volume))

    def _path(self, volume: MovedVolume) -> VolumePath:
        return VolumePath.installed(self.package, VolumeName.parse(volume.name))

    async def _remove_record(self, _: Progress) -> None:
        await self.parts.records.save_last_answers(self.package, self.plan.answers)
        await self.parts.records.remove(self.package)
        self.parts.start_failures.clear(self.package)

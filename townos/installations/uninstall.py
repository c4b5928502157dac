"""The steps of an uninstallation. Once a volume has moved or gone, it only goes forward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.errors import NotFound
from townos.installations.parts import Parts
from townos.installations.plans import MovedVolume, UninstallPlan, read
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Progress, Step, nothing
from townos.storage.paths import VolumePath

UNINSTALL: Final = "uninstall"


def uninstall_kind(parts: Parts) -> Kind:
    """Return the kind of operation that uninstalls."""

    def build(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Uninstallation(package, read(UninstallPlan, plan), parts).steps()

    return Kind(UNINSTALL, build, no_return="volumes")


@dataclass(frozen=True, slots=True)
class _Uninstallation:
    package: PackageId
    plan: UninstallPlan
    parts: Parts

    def steps(self) -> Sequence[Step]:
        return (
            Step("stop", self._stop, self._start),
            Step("unit", self._remove_unit, self._restore_unit),
            Step("network", self._remove_network_state, self._restore_network_state),
            Step("volumes", self._purge if self.plan.purge else self._keep, nothing, unit="volumes"),
            Step("record", self._remove_record, nothing),
        )

    async def _stop(self, _: Progress) -> None:
        await self.parts.services.stop(self.package.unit)
        await self.parts.services.reset_failed(self.package.unit)
        await self.parts.podman.remove_container(self.package.container)

    async def _start(self) -> None:
        if self.plan.running:
            await self.parts.services.start_and_watch(self.package.unit, 0)

    async def _remove_unit(self, _: Progress) -> None:
        await self.parts.services.disable(self.package.unit)  # while the file tells which links are its own
        await self.parts.units.remove(self.package.unit)
        await self.parts.services.reload()

    async def _restore_unit(self) -> None:
        if self.plan.unit:
            await self.parts.units.write(self.package.unit, self.plan.unit)
            await self.parts.services.reload()
            if self.plan.enabled:
                await self.parts.services.enable(self.package.unit)

    async def _remove_network_state(self, _: Progress) -> None:
        await self.parts.network.remove(self.package)

    async def _restore_network_state(self) -> None:
        await self.parts.network.write(self.package, self.plan.network_state)

    async def _purge(self, progress: Progress) -> None:
        for done, volume in enumerate(self.plan.volumes):
            progress(done, len(self.plan.volumes))
            await self.parts.volumes.delete(self._installed(volume.name))

    async def _keep(self, progress: Progress) -> None:
        for done, volume in enumerate(self.plan.volumes):
            progress(done, len(self.plan.volumes))
            await self._keep_one(volume)

    async def _keep_one(self, volume: MovedVolume) -> None:
        """Move a volume aside; an older data set at its place goes to a name of its own first."""
        source, target = self._installed(volume.name), self._uninstalled(volume.name)
        if not await self.parts.volumes.exists(source):
            return  # moved before a crash
        if volume.displaced and await self.parts.volumes.exists(target):
            await self._move(target, self._uninstalled(volume.displaced))
        await self._move(source, target)

    async def _move(self, source: VolumePath, target: VolumePath) -> None:
        try:
            await self.parts.volumes.rename(source, target)
        except NotFound:
            if not await self.parts.volumes.exists(target):
                raise

    def _installed(self, volume: str) -> VolumePath:
        return VolumePath.installed(self.package, VolumeName.parse(volume))

    def _uninstalled(self, volume: str) -> VolumePath:
        return VolumePath.uninstalled(self.package, VolumeName.parse(volume))

    async def _remove_record(self, _: Progress) -> None:
        await self.parts.records.save_last_answers(self.package, self.plan.answers)
        await self.parts.records.remove(self.package)
        self.parts.troubles.settle(self.package)

"""The steps of an installation, and of the reconfiguration of what is installed.

Each may run again after a crash in its middle, and its undo too. They know the plan alone, so that the process that
resumes an operation does the same as the one that began it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.errors import Invalid, TownError
from townos.images import ImageReference
from townos.installations.parts import Parts
from townos.installations.plans import InstallPlan, read
from townos.limits import FAILURE_LOG_LINES
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Progress, Step, nothing
from townos.storage.paths import VolumePath

INSTALL: Final = "install"


def install_kind(parts: Parts) -> Kind:
    """Return the kind of operation that installs."""

    def build(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Installation(package, read(InstallPlan, plan), parts).steps()

    return Kind(INSTALL, build)


@dataclass(frozen=True, slots=True)
class _Installation:
    package: PackageId
    plan: InstallPlan
    parts: Parts

    def steps(self) -> Sequence[Step]:
        """Return the steps in order. Whatever can fail for reasons outside comes before anything is stopped."""
        return (
            Step("pull", self._pull, nothing, unit="bytes"),
            Step("volumes", self._make_volumes, self._restore_volumes, unit="volumes"),
            *((Step("stop", self._stop_previous, self._start_previous),) if self.plan.previous else ()),
            Step("record", self._record, self._unrecord),
            Step("network", self._write_network_state, self._restore_network_state),
            Step("unit", self._write_unit, self._restore_unit),
            Step("start", self._start, self._stop),
            Step("finish", self._finish, nothing),
        )

    async def _pull(self, progress: Progress) -> None:
        await self.parts.podman.pull(ImageReference.parse(self.plan.image), progress)

    async def _make_volumes(self, progress: Progress) -> None:
        for done, volume in enumerate(self.plan.volumes):
            progress(done, len(self.plan.volumes))
            await self.parts.volumes.ensure(self._path(volume.name), volume.quota)
        progress(len(self.plan.volumes), len(self.plan.volumes))

    async def _restore_volumes(self) -> None:
        for volume in self.plan.volumes:
            if volume.previous_quota is None:
                await self.parts.volumes.delete(self._path(volume.name))
            else:
                await self.parts.volumes.set_quota(self._path(volume.name), volume.previous_quota)

    def _path(self, volume: str) -> VolumePath:
        return VolumePath.installed(self.package, VolumeName.parse(volume))

    async def _stop_previous(self, _: Progress) -> None:
        await self.parts.services.stop(self.package.unit)

    async def _start_previous(self) -> None:
        await self._restore_unit()  # not left to the undo of the later step: that one may have failed
        if self.plan.previous and self.plan.previous.running:
            await self.parts.services.start_and_watch(self.package.unit, 0)

    async def _record(self, _: Progress) -> None:
        await self.parts.records.save_last_answers(self.package, self.plan.answers)
        async with self.parts.manifests.reading(self.package):
            manifest = self.parts.manifests.manifest_path(self.package)
            await self.parts.records.save(self.package, manifest, self.plan.digest, self.plan.answers)

    async def _unrecord(self) -> None:
        if self.plan.previous:
            await self.parts.records.restore(self.package, self.plan.previous.answers)
        else:
            await self.parts.records.remove(self.package)

    async def _write_network_state(self, _: Progress) -> None:
        await self.parts.network.write(self.package, self.plan.network_state)

    async def _restore_network_state(self) -> None:
        previous = self.plan.previous
        await self.parts.network.write(self.package, previous.network_state if previous else "")

    async def _write_unit(self, _: Progress) -> None:
        await self.parts.units.write(self.package.unit, self.plan.unit)
        await self.parts.services.reload()

    async def _restore_unit(self) -> None:
        if self.plan.previous and self.plan.previous.unit:
            await self.parts.units.write(self.package.unit, self.plan.previous.unit)
        else:
            await self.parts.units.remove(self.package.unit)
        await self.parts.services.reload()

    async def _start(self, _: Progress) -> None:
        if not self.plan.start:
            return
        try:
            await self.parts.services.start_and_watch(self.package.unit, self.plan.watch_seconds)
        except TownError as error:
            lines = await self.parts.log.recent(self.package.unit, FAILURE_LOG_LINES)
            raise Invalid("install.did_not_start", error.text(), "\n".join(lines)) from error

    async def _stop(self) -> None:
        await self.parts.services.stop(self.package.unit)
        await self.parts.services.reset_failed(self.package.unit)
        await self.parts.podman.remove_container(self.package.container)

    async def _finish(self, _: Progress) -> None:
        self.parts.troubles.settle(self.package)
        await self.parts.records.clear_last_answers(self.package.repository, self.package.name)

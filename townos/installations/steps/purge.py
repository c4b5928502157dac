"""The steps that delete a package's data for good. Once the first volume is gone, they only go forward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from townos.installations.parts import Parts
from townos.installations.planning.plans import PurgePlan, read
from townos.installations.steps.pausing import Pause
from townos.installations.steps.seeding import seed_all
from townos.installations.steps.templating import render_templates
from townos.installations.subjects import on_package
from townos.limits import SEEDING_TIMEOUT_SECONDS
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath

PURGE: Final = "purge-volumes"
PURGE_KEPT: Final = "purge-uninstalled-volumes"
_VOLUMES: Final = "volumes"


def purge_kinds(parts: Parts) -> Sequence[Kind]:
    """Return the kinds of operation that delete an installed package's data, and what was kept of uninstalled ones."""

    def build_purge(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Purge(package, read(PurgePlan, plan), parts).steps()

    def build_purge_kept(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        return _Purge(package, read(PurgePlan, plan), parts).deletion()

    return (
        Kind(PURGE, on_package(build_purge), no_return=_VOLUMES),
        Kind(PURGE_KEPT, on_package(build_purge_kept), no_return=_VOLUMES),
    )


@dataclass(frozen=True, slots=True)
class _Purge:
    package: PackageId
    plan: PurgePlan
    parts: Parts

    def steps(self) -> Sequence[Step]:
        """Return the steps that leave an installed package as it was right after its installation."""
        pause = Pause(self.package, self.plan.service, self.parts)
        return (
            Step("stop", pause.stop, pause.start_again),
            *self.deletion(),
            Step("create", self._create, nothing, unit="volumes"),
            *((Step("seed", self._seed, nothing, unit="volumes"),) if self.plan.seeds else ()),
            *((Step("templates", self._render, nothing, unit="files"),) if self.plan.templates else ()),
            Step("start", pause.start, nothing),
        )

    def deletion(self) -> Sequence[Step]:
        """Return the step that deletes."""
        return (Step(_VOLUMES, self._delete, nothing, unit="volumes"),)

    async def _delete(self, progress: Progress) -> None:
        for doomed in counted(self.plan.doomed, progress):
            await self.parts.volumes.delete(VolumePath.package_volume(doomed))

    async def _create(self, progress: Progress) -> None:
        for volume in counted(self.plan.fresh, progress):
            path = VolumePath.installed(self.package, VolumeName.parse(volume.name))
            await self.parts.volumes.ensure(path, volume.quota)

    async def _seed(self, progress: Progress) -> None:
        quotas = {volume.name: volume.quota for volume in self.plan.fresh}
        await seed_all(self.parts, self.package, self.plan.seeds, quotas, progress, seconds=SEEDING_TIMEOUT_SECONDS)

    async def _render(self, progress: Progress) -> None:
        await render_templates(self.parts, await self.parts.installed.get(self.package), progress)

"""The steps that delete a package's data for good. Once the first volume is gone, they only go forward."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.installations.planning.plans import PurgePlan, read
from townos.installations.steps.seeding import Seeder
from townos.installations.steps.templating import TemplateWriter
from townos.installations.steps.units import ServicePause
from townos.installations.subjects import on_package
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Plan, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volumes

PURGE: Final = "purge-volumes"
PURGE_KEPT: Final = "purge-uninstalled-volumes"
_VOLUMES: Final = "volumes"


@dataclass(frozen=True, slots=True)
class PurgeSteps:
    """Deletes the data of an installed package, or the kept data of uninstalled versions."""

    volumes: Volumes
    seeder: Seeder
    templates: TemplateWriter
    pause: ServicePause

    def kinds(self) -> Sequence[Kind]:
        """Return both kinds of operation."""
        return (
            Kind(PURGE, on_package(self._build), no_return=_VOLUMES),
            Kind(PURGE_KEPT, on_package(self._build_for_kept), no_return=_VOLUMES),
        )

    def _build(self, package: PackageId, encoded: Plan) -> Sequence[Step]:
        """Return the steps that leave an installed package as it was right after its installation."""
        plan = read(PurgePlan, encoded)
        seed = Step("seed", partial(self._seed, package, plan), nothing, unit="volumes")
        render = Step("templates", partial(self.templates.write_of, package), nothing, unit="files")
        return (
            self.pause.stop_step(package, plan.service),
            self._deletion(plan),
            Step("create", partial(self._create, package, plan), nothing, unit="volumes"),
            *((seed,) if plan.seeds else ()),
            *((render,) if plan.templates else ()),
            self.pause.start_step(package, plan.service),
        )

    def _build_for_kept(self, _: PackageId, encoded: Plan) -> Sequence[Step]:
        return (self._deletion(read(PurgePlan, encoded)),)

    def _deletion(self, plan: PurgePlan) -> Step:
        return Step(_VOLUMES, partial(self._delete, plan), nothing, unit="volumes")

    async def _delete(self, plan: PurgePlan, progress: Progress) -> None:
        for doomed in counted(plan.doomed, progress):
            await self.volumes.delete(VolumePath.package_volume(doomed))

    async def _create(self, package: PackageId, plan: PurgePlan, progress: Progress) -> None:
        for volume in counted(plan.fresh, progress):
            await self.volumes.ensure(VolumePath.installed(package, VolumeName.parse(volume.name)), volume.quota)

    async def _seed(self, package: PackageId, plan: PurgePlan, progress: Progress) -> None:
        quotas = {volume.name: volume.quota for volume in plan.fresh}
        await self.seeder.seed(package, plan.seeds, quotas, progress)

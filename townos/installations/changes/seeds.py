"""Filling the new volumes. What cannot be fetched is told and does not stop the installation."""

from collections.abc import Sequence

from townos.errors import TownError
from townos.installations.changes.change import Change
from townos.installations.parts import Parts
from townos.installations.plans import PlannedSeed, PlannedVolume
from townos.installations.seeding import seed
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Progress, Step, counted, nothing
from townos.operations.runner import reason
from townos.storage.paths import VolumePath


class Seeds(Change):
    """Fills what `NewVolumes` made, which also takes it away again."""

    def steps(self) -> Sequence[Step]:
        """Return the step; none unless there is something to fill."""
        return (Step("seed", self._seed_all, nothing, unit="volumes"),) if self.plan.seeds else ()

    async def _seed_all(self, progress: Progress) -> None:
        await seed_all(self.parts, self.package, self.plan.volumes, self.plan.seeds, progress)


async def seed_all(
    parts: Parts,
    package: PackageId,
    volumes: Sequence[PlannedVolume],
    seeds: Sequence[PlannedSeed],
    progress: Progress,
) -> None:
    """Fill the volumes of an installed package; a failure is a warning and leaves the volume empty."""
    quotas = {volume.name: volume.quota for volume in volumes}
    for planned in counted(seeds, progress):
        path = VolumePath.installed(package, VolumeName.parse(planned.volume))
        try:
            await seed(parts, path, quotas[planned.volume], planned)
        except TownError as error:
            progress.warn(f"{planned.volume}: {reason(error)}")

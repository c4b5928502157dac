"""Filling the new volumes. What cannot be fetched is told and does not stop the installation."""

from collections.abc import Sequence

from townos.installations.steps.change import Change
from townos.installations.steps.seeding import seed_all
from townos.limits import SEEDING_TIMEOUT_SECONDS
from townos.operations.kinds import Progress, Step, nothing


class Seeds(Change):
    """Fills what `NewVolumes` made, which also takes it away again."""

    def steps(self) -> Sequence[Step]:
        """Return the step; none unless there is something to fill."""
        return (Step("seed", self._seed, nothing, unit="volumes"),) if self.plan.seeds else ()

    async def _seed(self, progress: Progress) -> None:
        quotas = {volume.name: volume.quota for volume in self.plan.volumes}
        await seed_all(self.parts, self.package, self.plan.seeds, quotas, progress, seconds=SEEDING_TIMEOUT_SECONDS)

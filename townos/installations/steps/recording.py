"""The record of what is installed."""

from collections.abc import Sequence

from townos.installations.steps.change import Change
from townos.operations.kinds import Progress, Step


class Recording(Change):
    """Links the manifest and stores the answers. A version that is replaced stays recorded until all is well."""

    def steps(self) -> Sequence[Step]:
        """Return the step."""
        return (Step("record", self._record, self._unrecord),)

    async def _record(self, _: Progress) -> None:
        await self.parts.records.save_last_answers(self.package, self.plan.answers)
        async with self.parts.manifests.reading(self.package):
            manifest = self.parts.manifests.manifest_path(self.package)
            await self.parts.records.save(self.package, manifest, self.plan.digest, self.plan.answers)

    async def _unrecord(self) -> None:
        if self.plan.previous is not None and self.version_stays:
            await self.parts.records.restore(self.package, self.plan.previous.answers)
        else:
            await self.parts.records.remove(self.package)

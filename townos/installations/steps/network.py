"""What the network controller is told."""

from collections.abc import Sequence

from townos.installations.steps.change import Change
from townos.operations.kinds import Progress, Step


class Network(Change):
    """Writes the state file of the package in place of that of the version that is replaced."""

    def steps(self) -> Sequence[Step]:
        """Return the step."""
        return (Step("network", self._write, self._restore),)

    async def _write(self, _: Progress) -> None:
        await self.parts.network.remove(self.old)
        await self.parts.network.write(self.package, self.plan.network_state)

    async def _restore(self) -> None:
        await self.parts.network.remove(self.package)
        if self.plan.previous is not None:
            await self.parts.network.write(self.old, self.plan.previous.network_state)

"""Waiting for the end of an operation."""

from dataclasses import dataclass

from townos.operations.job import Job
from townos.operations.model import Operation


@dataclass(frozen=True, slots=True)
class Begun:
    """An operation that is recorded: from now on it ends whole or leaves nothing, whatever becomes of its caller."""

    _job: Job

    @property
    def unfinished(self) -> bool:
        """Whether it, or another attempt at the next start, is still going to work with its plan."""
        return not self._job.state.ended or self._job.plan is not None

    async def outcome(self) -> Operation:
        """Return it when it has succeeded. Raises what `run` raises from then on. Cancelling cancels the wait only."""
        await self._job.ended.wait()
        if self._job.failure is not None:
            raise self._job.failure
        return self._job.operation()

"""Numbers the changes of operations, and publishes each one to those who watch."""

from typing import Final

import trio

from townos.clock import Clock
from townos.limits import OPERATION_PROGRESS_INTERVAL_SECONDS, OPERATION_SEQUENCE_GAP
from townos.operations.feed import Feed
from townos.operations.job import Job


class Changes:
    """The changes of all operations. Their numbers grow, through every restart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.feed: Final = Feed()
        self._last = 0
        self._progressed: dict[str, Job] = {}
        self._progress = trio.Event()

    @property
    def last(self) -> int:
        """The number of the latest change."""
        return self._last

    def continue_after(self, recorded: int) -> None:
        """Go on after the highest number on record. Numbers that were published but not recorded are skipped."""
        self._last = recorded + OPERATION_SEQUENCE_GAP

    def next_number(self) -> int:
        """Return a number for a change."""
        self._last += 1
        return self._last

    def publish(self, job: Job, number: int, *, progress: bool = False) -> None:
        """Publish an operation as it stands now, as the change of that number."""
        job.sequence = number
        self.feed.publish(job.operation(), progress=progress)

    def changed(self, job: Job) -> None:
        """Number and publish a change."""
        self.publish(job, self.next_number())

    def progressed(self, job: Job) -> None:
        """Note that a counter of an operation moved."""
        self._progressed[job.id] = job
        self._progress.set()

    async def publish_progress(self) -> None:
        """Publish moved counters until cancelled, at most so often: a download counts thousands of times a second."""
        while True:
            await self._progress.wait()
            self._progress = trio.Event()
            progressed, self._progressed = self._progressed, {}
            for job in progressed.values():
                if not job.state.ended:
                    self.publish(job, self.next_number(), progress=True)
            await self._clock.sleep(OPERATION_PROGRESS_INTERVAL_SECONDS)

"""Takes one operation through its steps, forward or back, and records each before and after.

Forward: the steps that are not done yet, in order; after a failing step or a cancellation the operation is rolled back.
Back: the undos of the steps that have begun, in reverse, the failing one included; an undo that fails keeps only those
from running that name it.
Beyond the point of no return nothing is rolled back: a failing step ends the operation as `failed`.

`failed` keeps its plan, and the next starts try again from where it stands, until it worked, a newer operation took
the subject over, or the attempts are used up. Every other end forgets the plan.

A step interrupted by the end of the process (SIGTERM cancels the nursery, a crash asks nobody) has not failed: its row
says `running`, and the next start runs it again.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from townos.clock import Clock
from townos.concurrency import sole_error
from townos.errors import Conflict, Foreign, Invalid, NoSpace, TownError
from townos.i18n import Term, joined, term_data
from townos.limits import OPERATION_ATTEMPTS_MAX, OPERATION_WARNINGS_MAX
from townos.operations.changes import Changes
from townos.operations.crash import CrashPoint, Moment
from townos.operations.job import Direction, Job
from townos.operations.kinds import Step
from townos.operations.model import OperationState, StepState
from townos.operations.step_log import StepLog
from townos.redaction import reason, redact_data

log: Final = logging.getLogger(__name__)


class Runner:
    """Executes operations. A change is numbered and published before it is recorded."""

    def __init__(
        self,
        step_log: StepLog,
        clock: Clock,
        changes: Changes,
        *,
        crash: Collection[CrashPoint],
        kill: Callable[[], None],
    ) -> None:
        self._step_log = step_log
        self._clock = clock
        self._changes = changes
        self._crash = crash
        self._kill = kill

    async def execute(self, job: Job) -> None:
        """Run an operation to one of its ends. Raises nothing but cancellation; `job.failure` says what went wrong."""
        job.state = OperationState.RUNNING
        if job.direction is Direction.FORWARD:
            await self._forward(job)
        if job.direction is Direction.BACK:
            await self._roll_back(job)

    async def _forward(self, job: Job) -> None:
        for position, step in enumerate(job.steps):
            if job.statuses[position].state is StepState.SUCCEEDED:
                continue
            if job.cancel_requested:
                return self._begin_rollback(job, OperationState.CANCELLED)
            job.step = step.name
            error = await self._attempt(job, partial(self._run_step, job, position, step))
            if error is not None:
                return await self._step_failed(job, position, step, error)
        if job.cancel_requested:
            return self._begin_rollback(job, OperationState.CANCELLED)
        return await self._end(job, OperationState.SUCCEEDED)

    async def _run_step(self, job: Job, position: int, step: Step) -> None:
        job.change(position, warnings=())  # of an attempt that a crash interrupted
        await self._record(job, position, StepState.RUNNING)
        await self._pass(job, step.name, "before")
        with job.interruptible() as scope:
            await step.do(_StepProgress(job, position, self._changes.progressed))
        if not scope.cancelled_caught:
            await self._pass(job, step.name, "after")
            await self._record(job, position, StepState.SUCCEEDED)

    async def _attempt(self, job: Job, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run work; return its error, unless the process is ending and the error may be due to that."""
        try:
            await work()
        except Exception as error:
            await trio.lowlevel.checkpoint_if_cancelled()
            log.warning("%s %s: %s failed", job.kind.name, job.subject, job.step, exc_info=True)
            sole = sole_error(error)
            return sole if isinstance(sole, Exception) else error
        except BaseExceptionGroup:
            await trio.lowlevel.checkpoint_if_cancelled()
            raise
        return None

    async def _step_failed(self, job: Job, position: int, step: Step, error: Exception) -> None:
        self._set_state(job, position, StepState.FAILED)
        if job.cancel_requested:
            return self._begin_rollback(job, OperationState.CANCELLED)
        if job.is_past_no_return():
            job.failure = Invalid("operation.unfinished", step.name, reason(error))
            job.error = job.failure.term
            return await self._end(job, OperationState.FAILED)
        job.failure = _undone(step, error)
        job.error = job.failure.term
        return self._begin_rollback(job, OperationState.UNDONE)

    def _begin_rollback(self, job: Job, outcome: OperationState) -> None:
        job.direction = Direction.BACK
        job.outcome = outcome
        if outcome is OperationState.CANCELLED:
            job.failure = Conflict("operation.cancelled", job.kind.name, str(job.subject))

    async def _roll_back(self, job: Job) -> None:
        problems: dict[str, Term] = {}
        for position in reversed(range(len(job.steps))):
            step = job.steps[position]
            begun = job.statuses[position].state not in {StepState.PENDING, StepState.UNDONE}
            if not begun or problems.keys() & step.undo_after:
                continue
            await self._record_if_possible(job, position, StepState.UNDOING)
            error = await self._attempt(job, partial(self._undo_step, job, step))
            if error is not None:
                problems[step.name] = reason(error)
            await self._record_if_possible(job, position, StepState.FAILED if error else StepState.UNDONE)
        if problems:
            failed = [Term("operation.step_reason", (name, why)) for name, why in problems.items()]
            job.failure = Invalid("operation.not_undone", job.error or "", joined(failed))
            job.error = job.failure.term
        await self._end(job, OperationState.FAILED if problems else job.outcome)

    async def _undo_step(self, job: Job, step: Step) -> None:
        await self._pass(job, f"undo {step.name}", "before")
        await step.undo()
        await self._pass(job, f"undo {step.name}", "after")

    async def _end(self, job: Job, state: OperationState) -> None:
        job.state = state
        job.ended_at = self._clock.now()
        if state is OperationState.FAILED:
            job.attempts += 1
        if state is not OperationState.FAILED or job.attempts >= OPERATION_ATTEMPTS_MAX:
            job.plan = None
        self._changes.changed(job)
        await self._save_if_possible(job)

    async def _record(self, job: Job, position: int, state: StepState) -> None:
        self._set_state(job, position, state)
        self._changes.changed(job)
        await self._step_log.save(job)

    async def _record_if_possible(self, job: Job, position: int, state: StepState) -> None:
        self._set_state(job, position, state)
        self._changes.changed(job)
        await self._save_if_possible(job)

    async def _save_if_possible(self, job: Job) -> None:
        """Save; a step log that cannot be written (a full disk) must not keep the rest from being undone.

        The row then tells less than was done, and the next start does it again: steps are idempotent.
        """
        try:
            await self._step_log.save(job)
        except (TownError, sqlite3.Error):
            log.exception("the step log cannot record %s %s", job.kind.name, job.subject)

    def _set_state(self, job: Job, position: int, state: StepState) -> None:
        job.change(position, state=state)

    async def _pass(self, job: Job, step: str, moment: Moment) -> None:
        point = CrashPoint(job.kind.name, step, moment)
        if point in self._crash and not await self._step_log.crashed(point):
            await self._step_log.mark_crash(job.id, point)
            self._kill()


@dataclass(frozen=True, slots=True)
class _StepProgress:
    """The progress of one step of a job."""

    job: Job
    position: int
    progressed: Callable[[Job], None]

    def __call__(self, done: int, total: int | None, /) -> None:
        self.job.change(self.position, done=done, total=total)
        self.progressed(self.job)

    def warn(self, message: Term) -> None:
        known = self.job.statuses[self.position].warnings
        warning = redact_data(term_data(message))
        self.job.change(self.position, warnings=(*known, warning)[:OPERATION_WARNINGS_MAX])
        self.progressed(self.job)


def _undone(step: Step, error: Exception) -> TownError:
    """What the caller of an undone operation gets; a foreign failure and a full disk keep their kind."""
    text = reason(error)
    if isinstance(error, NoSpace):
        return NoSpace("operation.step_failed", step.name, text)
    if isinstance(error, Foreign):
        return Foreign("operation.step_failed", step.name, text)
    return Invalid("operation.step_failed", step.name, text)

"""Runs operations in a nursery of their own: their callers only wait, and one that hangs up changes nothing.

One operation per subject at a time; a second one is refused. Those on different subjects run side by side, within a
bound.
"""

import logging
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import trio

from townos.clock import Clock
from townos.database.engine import Database
from townos.errors import Conflict, Invalid, NotFound, Unavailable
from townos.limits import OPERATION_PLANNING_ATTEMPTS_MAX, OPERATION_RETRY_AFTER_SECONDS, OPERATIONS_CONCURRENT
from townos.operations.begun import Begun
from townos.operations.changes import Changes
from townos.operations.claim import Claim, Planner
from townos.operations.crash import CrashPoint, kill_this_process
from townos.operations.feed import Events
from townos.operations.job import Job
from townos.operations.kinds import Kind, Plan, encoded_plan
from townos.operations.model import Operation, OperationState
from townos.operations.resuming import built_steps, resumed_job
from townos.operations.runner import Runner
from townos.operations.step_log import StepLog, Unfinished
from townos.operations.subject import Subject
from townos.redaction import reason

log: Final = logging.getLogger(__name__)


class Operations:
    """The appliance's operations. `serve` must run for any of them to run."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        crash: Collection[CrashPoint] = (),
        kill: Callable[[], None] = kill_this_process,
    ) -> None:
        self._clock = clock
        self._step_log = StepLog(database)
        self._changes = Changes(clock)
        self._runner = Runner(self._step_log, clock, self._changes, crash=crash, kill=kill)
        self._kinds: dict[str, Kind] = {}
        self._live: dict[str, Job] = {}
        self._left: list[Job] = []
        """Those that failed half way in this process; the next start goes on with them."""
        self._slots = trio.Semaphore(OPERATIONS_CONCURRENT)
        self._nursery: trio.Nursery | None = None
        self._serving = trio.Event()

    def register(self, kind: Kind) -> None:
        """Make a kind known. All kinds are registered before `serve` starts."""
        self._kinds[kind.name] = kind

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run operations until cancelled, those first that an earlier process left unfinished.

        Cancelling it stops each operation where it is; the next `serve` goes on from there.
        """
        self._left.clear()
        self._changes.continue_after(await self._step_log.last_sequence())
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._changes.publish_progress)
                for row in await self._step_log.unfinished():
                    await self._resume(row)
                for job in self._live.values():
                    nursery.start_soon(self._conduct, job, None)
                self._nursery = nursery  # only now: what is unfinished keeps its subject
                self._serving.set()
                task_status.started()
        finally:
            self._nursery = None
            self._serving = trio.Event()

    async def wait_serving(self) -> None:
        """Wait until `serve` runs and knows what an earlier process left unfinished."""
        await self._serving.wait()

    def unfinished(self) -> list[Subject]:
        """Return the subjects that operations work on; after a start, those that an earlier process left."""
        return [job.subject for job in self._live.values()]

    async def settled(self, subject: Subject) -> Operation | None:
        """Return once no operation works on a subject: the last of those that did, as it ended."""
        last = None
        while (job := self._job_on(subject)) is not None:
            await job.ended.wait()
            last = job.operation()
        return last

    async def run(self, kind: str, subject: Subject, plan: Plan | Planner, *, operation_id: str = "") -> Operation:
        """Run an operation and return it when it has succeeded.

        `plan` is given, or made by a planner. Planners run side by side, and each plan is claimed in one moment: of
        two that want the same thing only one gets it. What the planner or the kind's `build` raises is raised here,
        and nothing is recorded. Cancelling the caller cancels nothing but its waiting.

        Raises `Conflict` when the subject is busy, the id was used before, the operation was cancelled, or others kept
        changing what the plan was made from; `Foreign`, `NoSpace` or `Invalid` naming step and reason when it failed
        and was undone; `Invalid` when something is left half done; `Unavailable` when operations do not run yet or the
        process is ending.
        """
        begun = await self.begin(kind, subject, plan, operation_id=operation_id)
        return await begun.outcome()

    async def begin(self, kind: str, subject: Subject, plan: Plan | Planner, *, operation_id: str = "") -> Begun:
        """Do the first half of `run`, and return as soon as the operation is recorded."""
        job = self._admit(self._kinds[kind], subject, checked_id(operation_id))
        assert self._nursery is not None
        self._nursery.start_soon(self._conduct, job, plan)
        await job.begun.wait()
        if job.failure is not None and not job.recorded():
            raise job.failure
        return Begun(job)

    async def cancel(self, identifier: str) -> None:
        """Roll an operation back and return once it is undone.

        Raises `NotFound`; `Conflict` when it has ended or cannot go back any more; `Invalid` when an undo failed.
        """
        job = self._live.get(identifier)
        if job is None:
            if await self._step_log.known(identifier):
                raise Conflict("operation.ended", identifier)
            raise NotFound("operation.not_found", identifier)
        if job.is_past_no_return():
            raise Conflict("operation.no_return", job.kind.name, str(job.subject))
        job.request_cancel()
        await job.ended.wait()
        if job.state is OperationState.SUCCEEDED:
            raise Conflict("operation.ended", identifier)
        if job.state is OperationState.FAILED:
            raise Invalid("operation.left", job.error or "")
        if job.recorded() and not job.state.ended:
            raise _interrupted()

    async def history(self) -> list[Operation]:
        """Return the operations on record, newest first, the living ones with their latest progress."""
        history = await self._step_log.history()
        return [self._live[entry.id].operation() if entry.id in self._live else entry for entry in history]

    @asynccontextmanager
    async def events(self, after: int | None = None) -> AsyncIterator[Events]:
        """Watch: first each living operation, then each change; with `after`, all that changed since that sequence.

        Raises `Unavailable` while as many watch as may.
        """
        with self._changes.feed.subscribe() as subscription:
            yield Events(await self._first(after), subscription)

    async def plans(self, kind: str) -> list[Plan]:
        """Return the plans of a kind that are going to be worked with, by what runs now or by the next start."""
        return [row.plan for row in await self._step_log.unfinished() if row.operation.kind == kind]

    def claims(self) -> list[Claim]:
        """Return the plans of the operations that have not ended, and of those that the next start goes on with."""
        claims = [Claim(job.subject, job.kind.name, job.plan) for job in self._live.values() if job.plan is not None]
        return claims + [
            Claim(job.subject, job.kind.name, job.plan, is_left=True) for job in self._left if job.plan is not None
        ]

    def running(self, subject: Subject) -> Operation | None:
        """Return the operation that works on a subject now."""
        job = self._job_on(subject)
        return job.operation() if job is not None else None

    def require_idle(self, subject: Subject) -> None:
        """Raise `Conflict` while an operation works on a subject."""
        if busy := self._job_on(subject):
            raise Conflict("operation.busy", subject.unversioned, busy.kind.name)

    def _job_on(self, subject: Subject) -> Job | None:
        return next((job for job in self._live.values() if job.subject.excludes(subject)), None)

    def _admit(self, kind: Kind, subject: Subject, identifier: str) -> Job:
        if self._nursery is None:
            raise Unavailable("operation.not_ready", retry_after=OPERATION_RETRY_AFTER_SECONDS)
        if identifier in self._live:
            raise _duplicate(identifier)
        self.require_idle(subject)
        job = Job(identifier, kind, subject, self._clock.now())
        self._live[identifier] = job
        return job

    async def _conduct(self, job: Job, plan: Plan | Planner | None) -> None:
        try:
            if plan is not None:
                await self._prepare(job, plan)
                job.begun.set()
            if job.recorded():
                await self._take_turn(job)
        finally:
            if not job.state.ended and (job.recorded() or job.failure is None):
                job.failure = _interrupted()
            del self._live[job.id]
            if job.state is OperationState.FAILED and job.plan is not None:
                self._left.append(job)
            job.begun.set()
            job.ended.set()

    async def _prepare(self, job: Job, plan: Plan | Planner) -> None:
        """Plan and record. On failure nothing is recorded, and `job.failure` tells why."""
        with job.interruptible() as scope:
            try:
                await self._plan(job, plan)
            except Exception as error:  # noqa: BLE001  it is raised in the task of the caller
                await trio.lowlevel.checkpoint_if_cancelled()
                job.failure = error
        if scope.cancelled_caught:
            job.failure = Conflict("operation.cancelled", job.kind.name, str(job.subject))

    async def _plan(self, job: Job, plan: Plan | Planner) -> None:
        if await self._step_log.known(job.id):
            raise _duplicate(job.id)
        claimed = await self._claim(job, plan)
        job.steps, job.statuses = built_steps(job.kind, job.subject, claimed)
        await self._step_log.add(job, self._changes.next_number())
        self._left = [left for left in self._left if not left.subject.excludes(job.subject)]  # as the step log did
        self._changes.changed(job)  # a number of its own: others may have been published meanwhile

    async def _claim(self, job: Job, plan: Plan | Planner) -> Plan:
        """Make a plan until it can be claimed, and return it. It is in `claims` at once: nothing runs in between."""
        for _ in range(OPERATION_PLANNING_ATTEMPTS_MAX):
            prepared = plan if isinstance(plan, Mapping) else await plan()
            claimed = prepared if isinstance(prepared, Mapping) else prepared.claim(self.claims())
            if claimed is not None:
                job.plan = msgspec.json.decode(encoded_plan(claimed))  # as a restart would read it
                return job.plan
        raise Conflict("operation.plan_outdated", job.kind.name, str(job.subject))

    async def _take_turn(self, job: Job) -> None:
        with job.interruptible() as scope:
            await self._slots.acquire()
        try:
            await self._runner.execute(job)
        finally:
            if not scope.cancelled_caught:
                self._slots.release()

    async def _resume(self, row: Unfinished) -> None:
        """Let a row live again; one that this program cannot make steps from any more ends as failed."""
        try:
            job = resumed_job(row, self._kinds)
        except Exception as error:
            log.exception("%s %s cannot be resumed", row.operation.kind, row.operation.id)
            number = self._changes.next_number()
            await self._step_log.give_up(row.operation.id, reason(error), self._clock.now(), number)
            return
        self._live[job.id] = job

    async def _first(self, after: int | None) -> list[Operation]:
        told: dict[str, Operation] = {}
        if after is None or after > self._changes.last:
            after = 0
        else:
            told = {entry.id: entry for entry in await self._step_log.changed_after(after)}
        told |= {job.id: job.operation() for job in self._live.values() if job.recorded() and job.sequence > after}
        return sorted(told.values(), key=lambda operation: operation.sequence)


def checked_id(text: str) -> str:
    """Return the id that an operation will have: a new one for no text. Raises `Invalid`."""
    if not text:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise Invalid.at("operation_id", "operation.bad_id") from error


def _duplicate(identifier: str) -> Conflict:
    return Conflict("operation.duplicate", identifier)


def _interrupted() -> Unavailable:
    return Unavailable("operation.interrupted", retry_after=OPERATION_RETRY_AFTER_SECONDS)

"""Runs operations in a nursery of their own: their callers only wait, and one that hangs up changes nothing.

One operation per package at a time; a second one is refused. Different packages run side by side, within a bound.
"""

import logging
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import msgspec
import trio

from townos.clock import Clock
from townos.database.engine import Database
from townos.errors import Conflict, Internal, Invalid, NotFound, Unavailable
from townos.limits import (
    OPERATION_PROGRESS_INTERVAL_SECONDS,
    OPERATION_RETRY_AFTER_SECONDS,
    OPERATION_SEQUENCE_GAP,
    OPERATIONS_CONCURRENT,
)
from townos.names import PackageId
from townos.operations.crash import CrashPoint, kill_this_process
from townos.operations.feed import Feed, Subscription
from townos.operations.job import Job
from townos.operations.kinds import Kind, Plan, Planner, Step, encoded_plan
from townos.operations.model import Operation, OperationState, StepStatus
from townos.operations.runner import Runner, reason
from townos.operations.step_log import Journal, Unfinished

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """The plan of an operation that has not ended: what it is going to take counts as taken."""

    package: PackageId
    kind: str
    plan: Plan


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


class Events:
    """A watcher's stream: first what there is to tell, then each change."""

    def __init__(self, first: list[Operation], subscription: Subscription) -> None:
        self._first = first
        self._subscription = subscription
        self._told = {operation.id: operation.sequence for operation in first}

    async def next(self) -> list[Operation]:
        """Wait for something to tell; return it in order, each moment once."""
        if self._first:
            first, self._first = self._first, []
            return first
        while True:
            changes = await self._subscription.next()
            unseen = [change for change in changes if change.sequence > self._told.get(change.id, 0)]
            if unseen:
                return unseen


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
        self._journal = Journal(database)
        self._runner = Runner(
            self._journal, clock, changed=self._changed, progressed=self._progressed, crash=crash, kill=kill
        )
        self._feed = Feed()
        self._kinds: dict[str, Kind] = {}
        self._live: dict[str, Job] = {}
        self._planning = trio.Lock()
        self._slots = trio.Semaphore(OPERATIONS_CONCURRENT)
        self._sequence = 0
        self._nursery: trio.Nursery | None = None
        self._serving = trio.Event()
        self._moved: dict[str, Job] = {}
        self._progress = trio.Event()

    def register(self, kind: Kind) -> None:
        """Make a kind known. All kinds are registered before `serve` starts."""
        self._kinds[kind.name] = kind

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run operations until cancelled, those first that an earlier process left unfinished.

        Cancelling it stops each operation where it is; the next `serve` goes on from there.
        """
        self._sequence = await self._journal.last_sequence() + OPERATION_SEQUENCE_GAP
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._publish_progress)
                revived = [job for row in await self._journal.unfinished() if (job := await self._revive(row))]
                for job in revived:
                    nursery.start_soon(self._conduct, job, None)
                self._nursery = nursery  # only now: what is unfinished keeps its package
                self._serving.set()
                task_status.started()
        finally:
            self._nursery = None
            self._serving = trio.Event()

    async def wait_serving(self) -> None:
        """Wait until `serve` runs and knows what an earlier process left unfinished."""
        await self._serving.wait()

    def unfinished(self) -> list[PackageId]:
        """Return the packages that operations work on; after a start, those that an earlier process left."""
        return [job.package for job in self._live.values()]

    async def retried(self) -> list[PackageId]:
        """Return the packages of which something was left half done: the next start works on them again."""
        rows = [row.operation for row in await self._journal.unfinished()]
        failed = [row for row in rows if row.state is OperationState.FAILED]
        return [PackageId.parse(row.repo, row.name, row.version) for row in failed]

    async def settled(self, repository: str, name: str) -> Operation | None:
        """Return once no operation works on a package: the last of those that did, as it ended."""
        last = None
        while (job := self._job_on(repository, name)) is not None:
            await job.ended.wait()
            last = job.operation()
        return last

    async def run(self, kind: str, package: PackageId, plan: Plan | Planner, *, operation_id: str = "") -> Operation:
        """Run an operation and return it when it has succeeded.

        `plan` is given, or made when it is this operation's turn: planners run one after the other, and see in
        `claims` what others have planned. What the planner or the kind's `build` raises is raised here, and nothing
        is recorded. Cancelling the caller cancels nothing but its waiting.

        Raises `Conflict` when the package is busy, the id was used before, or the operation was cancelled; `Foreign`,
        `NoSpace` or `Invalid` naming step and reason when it failed and was undone; `Invalid` when something is left
        half done; `Unavailable` when operations do not run yet or the process is ending.
        """
        begun = await self.begin(kind, package, plan, operation_id=operation_id)
        return await begun.outcome()

    async def begin(self, kind: str, package: PackageId, plan: Plan | Planner, *, operation_id: str = "") -> Begun:
        """Do the first half of `run`, and return as soon as the operation is recorded."""
        job = self._admit(self._kinds[kind], package, checked_id(operation_id))
        assert self._nursery is not None
        self._nursery.start_soon(self._conduct, job, plan)
        await job.begun.wait()
        if job.failure is not None and not job.recorded():
            raise job.failure
        return Begun(job)

    async def cancel(self, identifier: str) -> None:
        """Turn an operation back and return once it is undone.

        Raises `NotFound`; `Conflict` when it has ended or cannot go back any more; `Invalid` when an undo failed.
        """
        job = self._live.get(identifier)
        if job is None:
            if await self._journal.known(identifier):
                raise Conflict("operation.ended", identifier)
            raise NotFound("operation.not_found", identifier)
        if job.is_past_no_return():
            raise Conflict("operation.no_return", job.kind.name, str(job.package))
        job.request_cancel()
        await job.ended.wait()
        if job.state is OperationState.SUCCEEDED:
            raise Conflict("operation.ended", identifier)
        if job.state is OperationState.FAILED:
            raise Invalid("operation.left", job.error)
        if job.recorded() and not job.state.ended:
            raise _interrupted()

    async def history(self) -> list[Operation]:
        """Return the operations of the journal, newest first, the living ones with their latest progress."""
        history = await self._journal.history()
        return [self._live[entry.id].operation() if entry.id in self._live else entry for entry in history]

    @asynccontextmanager
    async def events(self, after: int | None = None) -> AsyncIterator[Events]:
        """Watch: first each living operation, then each change; with `after`, all that changed since that sequence.

        Raises `Unavailable` while as many watch as may.
        """
        with self._feed.subscribe() as subscription:
            yield Events(await self._first(after), subscription)

    async def plans(self, kind: str) -> list[Plan]:
        """Return the plans of a kind that are going to be worked with, by what runs now or by the next start."""
        return [row.plan for row in await self._journal.unfinished() if row.operation.kind == kind]

    def claims(self) -> list[Claim]:
        """Return the plans of the operations that have not ended."""
        return [Claim(job.package, job.kind.name, job.plan) for job in self._live.values() if job.plan is not None]

    def running(self, repository: str, name: str) -> Operation | None:
        """Return the operation that works on a package now."""
        job = self._job_on(repository, name)
        return job.operation() if job is not None else None

    def require_idle(self, repository: str, name: str) -> None:
        """Raise `Conflict` while an operation works on a package."""
        if busy := self._job_on(repository, name):
            raise Conflict("operation.busy", f"{repository}/{name}", busy.kind.name)

    def _job_on(self, repository: str, name: str) -> Job | None:
        for job in self._live.values():
            if (job.package.repository, job.package.name) == (repository, name):
                return job
        return None

    def _admit(self, kind: Kind, package: PackageId, identifier: str) -> Job:
        if self._nursery is None:
            raise Unavailable("operation.not_ready", retry_after=OPERATION_RETRY_AFTER_SECONDS)
        if identifier in self._live:
            raise _duplicate(identifier)
        self.require_idle(package.repository, package.name)
        job = Job(identifier, kind, package, self._clock.now())
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
            job.begun.set()
            job.ended.set()

    async def _prepare(self, job: Job, plan: Plan | Planner) -> None:
        """Plan and record. On failure nothing is recorded, and `job.failure` tells why."""
        with job.interruptible() as scope:
            try:
                async with self._planning:
                    await self._plan(job, plan)
            except Exception as error:  # noqa: BLE001  it is raised in the task of the caller
                await trio.lowlevel.checkpoint_if_cancelled()
                job.failure = error
        if scope.cancelled_caught:
            job.failure = Conflict("operation.cancelled", job.kind.name, str(job.package))

    async def _plan(self, job: Job, plan: Plan | Planner) -> None:
        if await self._journal.known(job.id):
            raise _duplicate(job.id)
        made = plan if isinstance(plan, Mapping) else await plan()
        job.plan = msgspec.json.decode(encoded_plan(made))  # as a restart would read it
        job.steps, job.statuses = _steps(job.kind, job.package, job.plan)
        self._sequence += 1
        await self._journal.add(job, self._sequence)
        job.sequence = self._sequence
        self._feed.publish(job.operation())

    async def _take_turn(self, job: Job) -> None:
        with job.interruptible() as scope:
            await self._slots.acquire()
        try:
            await self._runner.execute(job)
        finally:
            if not scope.cancelled_caught:
                self._slots.release()

    async def _revive(self, row: Unfinished) -> Job | None:
        """Make a row live again; one that this program cannot make steps from any more ends as failed."""
        try:
            job = self._job(row)
        except Exception as error:
            log.exception("%s %s cannot be resumed", row.operation.kind, row.operation.id)
            self._sequence += 1
            await self._journal.give_up(row.operation.id, reason(error), self._clock.now(), self._sequence)
            return None
        self._live[job.id] = job
        return job

    def _job(self, row: Unfinished) -> Job:
        old = row.operation
        kind = self._kinds.get(old.kind)
        if kind is None:
            raise Internal("operation.unknown_kind")
        job = Job(old.id, kind, PackageId.parse(old.repo, old.name, old.version), old.started_at)
        job.plan, job.step, job.error, job.sequence = row.plan, old.step, old.error, old.sequence
        job.direction, job.outcome, job.attempts = row.direction, row.outcome, row.attempts
        job.steps, fresh = _steps(kind, job.package, row.plan)
        begun = {status.name: status for status in old.steps}
        job.statuses = [begun.get(status.name, status) for status in fresh]
        return job

    async def _first(self, after: int | None) -> list[Operation]:
        told: dict[str, Operation] = {}
        if after is None or after > self._sequence:
            after = 0
        else:
            told = {entry.id: entry for entry in await self._journal.changed_after(after)}
        told |= {job.id: job.operation() for job in self._live.values() if job.recorded() and job.sequence > after}
        return sorted(told.values(), key=lambda operation: operation.sequence)

    def _changed(self, job: Job) -> None:
        self._sequence += 1
        job.sequence = self._sequence
        self._feed.publish(job.operation())

    def _progressed(self, job: Job) -> None:
        self._moved[job.id] = job
        self._progress.set()

    async def _publish_progress(self) -> None:
        """Tell what moved, at most so often: a download counts thousands of times a second."""
        while True:
            await self._progress.wait()
            self._progress = trio.Event()
            moved, self._moved = self._moved, {}
            for job in moved.values():
                if not job.state.ended:
                    self._sequence += 1
                    job.sequence = self._sequence
                    self._feed.publish(job.operation(), progress=True)
            await self._clock.sleep(OPERATION_PROGRESS_INTERVAL_SECONDS)


def _steps(kind: Kind, package: PackageId, plan: Plan) -> tuple[tuple[Step, ...], list[StepStatus]]:
    steps = tuple(kind.build(package, plan))
    if len({step.name for step in steps}) != len(steps):
        raise Internal("operation.step_names", kind.name)
    return steps, [StepStatus(step.name, unit=step.unit) for step in steps]


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

"""Makes operations from their plans: new ones, and those that an earlier process left unfinished."""

from collections.abc import Mapping

from townos.errors import Internal
from townos.operations.job import Job
from townos.operations.kinds import Kind, Plan, Step
from townos.operations.model import StepStatus
from townos.operations.step_log import Unfinished
from townos.operations.subject import Subject


def resumed_job(row: Unfinished, kinds: Mapping[str, Kind]) -> Job:
    """Return the operation of a row, to go on where it stands.

    Raises `Internal` for a kind that this program does not have any more, and what the kind's `build` raises.
    """
    old = row.operation
    kind = kinds.get(old.kind)
    if kind is None:
        raise Internal("operation.unknown_kind")
    job = Job(old.id, kind, old.subject, old.started_at)
    job.plan, job.step, job.error, job.sequence = row.plan, old.step, old.error, old.sequence
    job.direction, job.outcome, job.attempts = row.direction, row.outcome, row.attempts
    job.steps, fresh = built_steps(kind, job.subject, row.plan)
    begun = {status.name: status for status in old.steps}
    job.statuses = [begun.get(status.name, status) for status in fresh]
    return job


def built_steps(kind: Kind, subject: Subject, plan: Plan) -> tuple[tuple[Step, ...], list[StepStatus]]:
    """Return the steps of a plan and their statuses, all pending. Raises `Internal`, and what `build` raises."""
    steps = tuple(kind.build(subject, plan))
    if len({step.name for step in steps}) != len(steps):
        raise Internal("operation.step_names", kind.name)
    return steps, [StepStatus(step.name, unit=step.unit) for step in steps]

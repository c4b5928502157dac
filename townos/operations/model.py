"""What is known of an operation, for those who watch it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from townos.i18n import Term, term_from
from townos.operations.subject import Subject


class OperationState(StrEnum):
    """Where an operation stands. The last four are ends.

    queued → running → succeeded, or, when a step fails or someone cancels, back through the undos to undone or
    cancelled. `failed` means that something is left half done: an undo failed, or a step beyond the point of no return.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNDONE = "undone"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens before the next start."""
        return self not in {OperationState.QUEUED, OperationState.RUNNING}


class StepState(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class StepStatus(msgspec.Struct, frozen=True):
    """One step as others see it. `done` and `total` count in `unit`; `None` when they are not known.

    `warnings` are the messages about what went wrong and did not stop the operation, as `term_data` has them; an older
    version stored texts.
    """

    name: str
    state: StepState = StepState.PENDING
    done: int | None = None
    total: int | None = None
    unit: str = ""
    warnings: tuple[Any, ...] = ()

    @property
    def messages(self) -> tuple[Term, ...]:
        """The warnings as terms."""
        return tuple(map(term_from, self.warnings))


@dataclass(frozen=True, slots=True)
class Operation:
    """A moment of an operation.

    `step` is the one it works on, or the one that failed; `sequence` grows with each change of any operation.
    """

    id: str
    kind: str
    subject: Subject
    state: OperationState
    step: str
    steps: tuple[StepStatus, ...]
    error: Term | None
    started_at: datetime
    ended_at: datetime | None
    sequence: int

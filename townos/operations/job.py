"""An operation in memory, while it lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import trio

from townos.i18n import Term
from townos.operations.kinds import Kind, Plan, Step
from townos.operations.model import Operation, OperationState, StepState, StepStatus
from townos.operations.subject import Subject


class Direction(StrEnum):
    """Which way an operation goes."""

    FORWARD = "forward"
    BACK = "back"


@dataclass(slots=True, eq=False)
class Job:
    """Everything about one living operation. Only the engine and the runner change it."""

    id: str
    kind: Kind
    subject: Subject
    started_at: datetime
    plan: Plan | None = None
    steps: tuple[Step, ...] = ()
    statuses: list[StepStatus] = field(default_factory=list)
    state: OperationState = OperationState.QUEUED
    direction: Direction = Direction.FORWARD
    outcome: OperationState = OperationState.SUCCEEDED
    """The state that it ends in after the undos."""
    step: str = ""
    error: Term | None = None
    attempts: int = 0
    ended_at: datetime | None = None
    sequence: int = 0
    scope: trio.CancelScope | None = None
    """Around that wait or step which a cancellation may interrupt."""
    cancel_requested: bool = False
    failure: Exception | None = None
    """What the caller of `run` gets."""
    begun: trio.Event = field(default_factory=trio.Event)
    """Set once it is recorded, or never will be."""
    ended: trio.Event = field(default_factory=trio.Event)

    def operation(self) -> Operation:
        """Return this moment."""
        return Operation(
            id=self.id,
            kind=self.kind.name,
            subject=self.subject,
            state=self.state,
            step=self.step,
            steps=tuple(self.statuses),
            error=self.error,
            started_at=self.started_at,
            ended_at=self.ended_at,
            sequence=self.sequence,
        )

    def change(self, position: int, **fields: Any) -> None:
        """Replace fields of a step's status."""
        self.statuses[position] = msgspec.structs.replace(self.statuses[position], **fields)

    def recorded(self) -> bool:
        """Whether it is in the step log: before that, nothing has been begun."""
        return bool(self.sequence)

    def is_past_no_return(self) -> bool:
        """Whether the step that cannot be undone has begun."""
        names = [status.name for status in self.statuses]
        if self.kind.no_return not in names:
            return False
        beyond = self.statuses[names.index(self.kind.no_return) :]
        return any(status.state is not StepState.PENDING for status in beyond)

    @contextmanager
    def interruptible(self) -> Iterator[trio.CancelScope]:
        """Let a cancellation, an earlier one too, interrupt the block."""
        with trio.CancelScope() as scope:
            if self.cancel_requested:
                scope.cancel()
            self.scope = scope
            try:
                yield scope
            finally:
                self.scope = None

    def request_cancel(self) -> None:
        """Interrupt the wait or the step that runs now; between steps the runner sees the request by itself."""
        self.cancel_requested = True
        if self.scope is not None:
            self.scope.cancel()

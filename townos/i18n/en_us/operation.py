"""Sentences about operations."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "operation.step_reason": "%s: %s",
    "operation.bad_cursor": "the event id must be a number",
    "operation.bad_id": "operation_id must be a UUID",
    "operation.busy": "%s is busy: %s is running",
    "operation.cancelled": "%s %s was cancelled",
    "operation.crash_point": "crash point %q is not <kind>:<step>:before or <kind>:<step>:after",
    "operation.duplicate": "operation %s already exists",
    "operation.ended": "operation %s has already ended",
    "operation.interrupted": "Town OS is stopping; the operation continues when it starts again",
    "operation.left_half_done": "an operation on it could not be rolled back",
    "operation.left": "the operation could not be rolled back completely: %s",
    "operation.no_return": "%s %s can no longer be cancelled",
    "operation.not_found": "operation %s not found",
    "operation.not_ready": "Town OS is starting; operations cannot begin yet",
    "operation.not_undone": "%s; the rollback is incomplete and will be tried again at the next start: %s",
    "operation.plan_outdated": "%s of %s: other operations keep changing what it needs; try again",
    "operation.step_failed": "%s failed: %s",
    "operation.step_names": "two steps of %s have the same name",
    "operation.too_many_watchers": "%d clients are already watching operations; try again later",
    "operation.unfinished": "%s failed: %s; it continues from there at the next start",
    "operation.unknown_kind": "this version does not know this kind of operation",
}

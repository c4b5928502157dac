"""Operations that end whole or leave nothing, through crashes and power cuts: the step log records each step.

This room knows steps, their order and their records. It does not know what the steps do.
"""

from townos.operations.begun import Begun
from townos.operations.claim import Claim, Planner, Prepared
from townos.operations.crash import CrashPoint
from townos.operations.engine import Operations, checked_id
from townos.operations.kinds import Build, Kind, Plan, Progress, Step, nothing
from townos.operations.model import Operation, OperationState, StepState, StepStatus
from townos.operations.subject import Subject

__all__ = [
    "Begun",
    "Build",
    "Claim",
    "CrashPoint",
    "Kind",
    "Operation",
    "OperationState",
    "Operations",
    "Plan",
    "Planner",
    "Prepared",
    "Progress",
    "Step",
    "StepState",
    "StepStatus",
    "Subject",
    "checked_id",
    "nothing",
]

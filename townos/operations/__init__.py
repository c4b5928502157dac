"""The durable step journal: operations that end whole or leave nothing, through crashes and power cuts.

This room knows steps, their order and their records. It does not know what the steps do.
"""

from townos.operations.crash import CrashPoint
from townos.operations.engine import Begun, Operations, checked_id
from townos.operations.kinds import Build, Kind, Plan, Planner, Progress, Step, nothing
from townos.operations.model import Operation, OperationState, StepState, StepStatus

__all__ = [
    "Begun",
    "Build",
    "CrashPoint",
    "Kind",
    "Operation",
    "OperationState",
    "Operations",
    "Plan",
    "Planner",
    "Progress",
    "Step",
    "StepState",
    "StepStatus",
    "checked_id",
    "nothing",
]

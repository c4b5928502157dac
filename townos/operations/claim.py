"""What operations that have not ended are going to take."""

from dataclasses import dataclass

from townos.operations.kinds import Plan
from townos.operations.subject import Subject


@dataclass(frozen=True, slots=True)
class Claim:
    """The plan of an operation that has not ended: what it is going to take counts as taken."""

    subject: Subject
    kind: str
    plan: Plan

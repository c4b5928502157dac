"""What operations are going to take, and how a plan is made that takes nothing of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from townos.operations.kinds import Plan
from townos.operations.subject import Subject


@dataclass(frozen=True, slots=True)
class Claim:
    """The plan of an operation that has not ended: what it is going to take counts as taken.

    One that `is_left` has failed half way, and the next start goes on with it.
    """

    subject: Subject
    kind: str
    plan: Plan
    is_left: bool = False


class Prepared(Protocol):
    """A plan that was made from what was there a moment ago."""

    def claim(self, claims: Sequence[Claim]) -> Plan | None:
        """Return the plan if it still holds beside what others have claimed; `None` if it has to be made again.

        Nothing else runs meanwhile. It only compares what is in memory.
        """


Planner = Callable[[], Awaitable[Plan | Prepared]]
"""Makes the plan. What it raises reaches the caller, and nothing is recorded. It may be slow: nobody waits for it.

It returns a `Prepared` where operations on other subjects may want the same things, and is called again when that could
not be claimed.
"""

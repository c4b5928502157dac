"""Crash points for tests: the process kills itself beside chosen steps, once beside each."""

import os
import signal
from dataclasses import dataclass
from typing import Literal, Self, cast

from townos.errors import Invalid

Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """`<kind>:<step>:before|after`. Before: the step is recorded as begun. After: its work is done but not recorded.

    `<kind>:undo <step>:before|after` is beside the undo of a step.
    """

    kind: str
    step: str
    moment: Moment

    @classmethod
    def parse_all(cls, text: str) -> frozenset[Self]:
        """Read the text of `TOWN_OS_CRASH`, points separated by commas. Raises `Invalid`."""
        return frozenset(cls.parse(point) for point in text.split(",")) if text else frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one point. Raises `Invalid`."""
        kind, _, rest = text.partition(":")
        step, _, moment = rest.rpartition(":")
        if not kind or not step or moment not in {"before", "after"}:
            raise Invalid("operation.crash_point", text)
        return cls(kind, step, cast("Moment", moment))

    def __str__(self) -> str:
        return f"{self.kind}:{self.step}:{self.moment}"


def kill_this_process() -> None:
    """End as a power cut would: no clean-up of any kind."""
    os.kill(os.getpid(), signal.SIGKILL)

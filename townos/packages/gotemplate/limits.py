"""How much a template may use while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from townos.packages.gotemplate.errors import Limit, LimitExceeded

_STEPS_BETWEEN_CHECKS: Final = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What a caller grants. Whatever the depth, a template fails as in Go at 100,000 templates within one another."""

    output: int
    """Bytes that the template gives."""
    text: int
    """Bytes of all strings and lists that its functions make, as memory that it may fill."""
    depth: int
    """Templates within one another. Each takes one or two KiB of memory, besides its variables."""
    seconds: float

    def of(self, limit: Limit) -> float:
        """Return what is granted of one of them."""
        granted: dict[Limit, float] = {
            Limit.OUTPUT: self.output,
            Limit.TEXT: self.text,
            Limit.DEPTH: self.depth,
            Limit.SECONDS: self.seconds,
        }
        return granted[limit]


class Budget:
    """What is left of the limits of one run."""

    def __init__(self, limits: Limits, check: Callable[[], None]) -> None:
        self._limits = limits
        self._check = check
        self._text = limits.text
        self._steps = 0
        self._end = time.monotonic() + limits.seconds
        self._output = bytearray()

    def step(self) -> None:
        """Count a step. Every now and then, see whether the time is over or the caller's `check` raises."""
        if self._steps % _STEPS_BETWEEN_CHECKS == 0:
            self._check()
            if time.monotonic() >= self._end:
                raise LimitExceeded(Limit.SECONDS)
        self._steps += 1

    def write(self, text: bytes) -> None:
        """Add to the output."""
        if len(self._output) + len(text) > self._limits.output:
            raise LimitExceeded(Limit.OUTPUT)
        self._output += text

    def spend(self, size: int) -> None:
        """Count the bytes of what a function made."""
        self._text -= size
        if self._text < 0:
            raise LimitExceeded(Limit.TEXT)

    @property
    def text_left(self) -> int:
        """Bytes that functions may still make."""
        return self._text

    @property
    def output_left(self) -> int:
        """Bytes that may still be written."""
        return self._limits.output - len(self._output)

    def descend(self, depth: int) -> None:
        """See whether a template may be this deep within others."""
        if depth > self._limits.depth:
            raise LimitExceeded(Limit.DEPTH)

    def output(self) -> bytes:
        """Return what was written."""
        return bytes(self._output)

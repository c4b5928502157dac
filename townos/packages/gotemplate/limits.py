"""How much a template may use while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from townos.packages.gotemplate.errors import Limit, LimitExceeded
from townos.packages.gotemplate.formatting import Buffer

_STEPS_BETWEEN_CHECKS: Final = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What a caller grants. Whatever the depth, a template fails as in Go at 100,000 templates within one another."""

    output: int
    """Bytes that the template gives."""
    text: int
    """Bytes of all strings that its functions make, as memory that it may fill."""
    depth: int
    """Templates within one another. Each takes one or two KiB of memory, besides its variables."""
    seconds: float


class Budget:
    """What is left of the limits of one run."""

    def __init__(self, limits: Limits, check: Callable[[], None]) -> None:
        self._limits = limits
        self._check = check
        self._text = limits.text
        self._steps = 0
        self._end = time.monotonic() + limits.seconds
        self.output = Buffer(limits.output, Limit.OUTPUT, self.step)
        """What the template gave so far."""

    def step(self) -> None:
        """Count a step. Every now and then, see whether the time is over or the caller's `check` raises."""
        if self._steps % _STEPS_BETWEEN_CHECKS == 0:
            self._check()
            if time.monotonic() >= self._end:
                raise LimitExceeded(Limit.SECONDS)
        self._steps += 1

    def text(self) -> Buffer:
        """Return a place for a text that a function makes, with room for as much as there may still be."""
        return Buffer(self._text, Limit.TEXT, self.step)

    def made(self, text: bytes) -> bytes:
        """Count the bytes of a text that a function made, and return it."""
        self._text -= len(text)
        if self._text < 0:
            raise LimitExceeded(Limit.TEXT)
        return text

    def descend(self, depth: int) -> None:
        """See whether a template may be this deep within others."""
        if depth > self._limits.depth:
            raise LimitExceeded(Limit.DEPTH)

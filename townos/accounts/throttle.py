"""The brake on password guessing: ten failures a minute from one source, then a minute's pause.

An attempt counts as a failure from its start until it is forgiven, so a burst of parallel guesses gains nothing.
"""

import math
from collections import OrderedDict, deque

from townos.clock import Clock
from townos.errors import Throttled
from townos.limits import (
    LOGIN_BLOCK_SECONDS,
    LOGIN_FAILURES_MAX,
    LOGIN_FAILURES_WINDOW_SECONDS,
    LOGIN_SOURCES_MAX,
)
from townos.network.client_address import source


class Attempt:
    """One try at signing in."""

    __slots__ = ("_failures", "_moment")

    def __init__(self, failures: deque[float], moment: float) -> None:
        self._failures = failures
        self._moment = moment

    def forgive(self) -> None:
        """Let the attempt not count: it succeeded, or it failed through no fault of the caller."""
        if self._moment in self._failures:
            self._failures.remove(self._moment)


class LoginThrottle:
    """Remembers the failures of the sources seen last; its memory is bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def attempt(self, address: str) -> Attempt:
        """Begin an attempt from a network address. Raises `Throttled` during a pause."""
        failures = self._of(source(address))
        now = self._clock.monotonic()
        if len(failures) >= LOGIN_FAILURES_MAX and (wait := failures[-1] + LOGIN_BLOCK_SECONDS - now) > 0:
            raise Throttled("account.throttled", retry_after=math.ceil(wait))
        while failures and failures[0] <= now - LOGIN_FAILURES_WINDOW_SECONDS:
            failures.popleft()
        failures.append(now)
        return Attempt(failures, now)

    def _of(self, key: str) -> deque[float]:
        failures = self._failures.setdefault(key, deque())
        self._failures.move_to_end(key)
        if len(self._failures) > LOGIN_SOURCES_MAX:
            self._failures.popitem(last=False)
        return failures

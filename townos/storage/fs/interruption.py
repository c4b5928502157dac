"""How long blocking work in a worker thread may take."""

import os
import time
from collections.abc import Callable
from errno import ETIMEDOUT

import trio

from townos.errors import Unavailable

Stop = Callable[[], None]
"""What blocking work calls often: it raises when the work is to end."""


def at_most(seconds: float) -> Stop:
    """Return what work calls often that must not be cancelled: it raises `TimeoutError` after that time.

    A program that makes new files as fast as they are deleted must not keep it for ever.
    """
    deadline = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError(ETIMEDOUT, os.strerror(ETIMEDOUT))

    return check


def within(seconds: float) -> Stop:
    """Return what such work calls often: it raises when nobody waits any more, and `Unavailable` after that time."""
    deadline = time.monotonic() + seconds

    def check() -> None:
        trio.from_thread.check_cancelled()
        if time.monotonic() > deadline:
            raise Unavailable("storage.too_slow")

    return check

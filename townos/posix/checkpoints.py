"""Where blocking work in a worker thread may end: when nobody waits for it any more, or when it takes too long."""

import os
import time
from collections.abc import Callable
from errno import ETIMEDOUT

import trio

from townos.errors import Unavailable

Checkpoint = Callable[[], None]
"""What blocking work calls often. It raises when the work is to end."""


def at_most(seconds: float) -> Checkpoint:
    """Return the checkpoint of work that must not be cancelled: it raises `TimeoutError` after that time.

    A program that makes new files as fast as they are deleted must not keep it for ever.
    """
    deadline = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError(ETIMEDOUT, os.strerror(ETIMEDOUT))

    return check


def within(seconds: float) -> Checkpoint:
    """Return the checkpoint that raises when nobody waits any more, and `Unavailable` after that time."""
    deadline = time.monotonic() + seconds

    def check() -> None:
        trio.from_thread.check_cancelled()
        if time.monotonic() > deadline:
            raise Unavailable("storage.too_slow")

    return check

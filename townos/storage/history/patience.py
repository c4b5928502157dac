"""How long blocking work in a worker thread may take."""

import time
from collections.abc import Callable

import trio

from townos.errors import Unavailable


def within(seconds: float) -> Callable[[], None]:
    """Return what such work calls often: it raises when nobody waits any more, and `Unavailable` after that time."""
    deadline = time.monotonic() + seconds

    def check() -> None:
        trio.from_thread.check_cancelled()
        if time.monotonic() > deadline:
            raise Unavailable("storage.too_slow")

    return check

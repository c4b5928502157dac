"""Waiting for what happens in other tasks and threads."""

from collections.abc import Callable

import trio
from trio.testing import wait_all_tasks_blocked

PAUSE_SECONDS = 0.0005
"""Shorter than the threshold of `autojump_clock`, so that such a clock does not jump meanwhile."""


async def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; look whenever all tasks have been waiting for a moment.

    A task that waits for a thread is waiting too, so `wait_all_tasks_blocked` alone does not do. A loop of checkpoints
    would take the processor that the thread needs.
    """
    with trio.fail_after(30):
        while not condition():
            await wait_all_tasks_blocked(PAUSE_SECONDS)

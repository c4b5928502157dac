"""Work in threads ends when nobody waits for it any more, or when it takes too long."""

import pytest
import trio

from townos.errors import Unavailable
from townos.posix.checkpoints import at_most, within


async def test_a_check_passes_while_there_is_time() -> None:
    await trio.to_thread.run_sync(within(3_600))


async def test_a_check_fails_after_the_time_limit() -> None:
    with pytest.raises(Unavailable, match="it took too long"):
        await trio.to_thread.run_sync(within(-1))


async def test_a_check_fails_when_nobody_waits_any_more() -> None:
    check = within(3_600)

    def work() -> None:
        while True:
            check()

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, work)
            scope.cancel()
    assert scope.cancelled_caught


def test_uncancellable_work_ends_at_its_time_limit() -> None:
    at_most(3_600)()
    with pytest.raises(TimeoutError):
        at_most(-1)()

"""Shields end in time, and neither the error of some work nor that of its clean-up hides the other."""

from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from townos import limits
from townos.concurrency import always, end_shields_by, on_failure, shielded

pytestmark = pytest.mark.usefixtures("autojump_clock")

UNIT = Path(__file__).parents[2] / "zipapp" / "town-os-systemcontroller.service"


class Cleaner:
    """Clean-up that takes a while, and may fail."""

    def __init__(self, seconds: float = 1, error: Exception | None = None) -> None:
        self.seconds = seconds
        self.error = error
        self.done = 0

    async def __call__(self) -> None:
        await trio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        self.done += 1


async def test_a_shield_lets_work_finish_in_a_cancelled_task() -> None:
    clean = Cleaner()
    with trio.CancelScope() as scope:
        scope.cancel()
        with shielded(5, "cleaning up"):
            await clean()
    assert clean.done == 1


async def test_a_shield_ends_at_its_deadline(autojump_clock: MockClock) -> None:
    with pytest.raises(trio.TooSlowError, match="cleaning up"), shielded(5, "cleaning up"):
        await trio.sleep_forever()
    assert trio.current_time() == pytest.approx(5)


@pytest.mark.conformance("BLD-02")
@pytest.mark.parametrize("context", [always, on_failure])
async def test_an_error_of_clean_up_joins_the_first_error(context: type[object]) -> None:
    clean = Cleaner(error=OSError("second"))
    with pytest.raises(BaseExceptionGroup) as caught:
        async with context(clean, 5, "cleaning up"):  # type: ignore[call-arg,attr-defined]
            raise ValueError("first")
    assert [str(error) for error in caught.value.exceptions] == ["first", "second"]


async def test_clean_up_after_success_is_always_but_not_on_failure() -> None:
    clean, undo = Cleaner(), Cleaner()
    async with always(clean, 5, "cleaning up"), on_failure(undo, 5, "undoing"):
        pass
    assert (clean.done, undo.done) == (1, 0)


async def test_clean_up_runs_once_when_the_block_is_cancelled() -> None:
    clean, undo = Cleaner(), Cleaner()
    with trio.move_on_after(1):
        async with always(clean, 5, "cleaning up"), on_failure(undo, 5, "undoing"):
            await trio.sleep_forever()
    assert (clean.done, undo.done) == (1, 1)


async def test_a_stop_ends_all_shields_together(autojump_clock: MockClock) -> None:
    """Also those that begin after the stop, one inside or after the other."""

    async def work(shields: int) -> None:
        if shields:
            async with always(partial(trio.sleep, 100), 60, "cleaning up"):
                await work(shields - 1)
        await trio.sleep_forever()

    async def stopped_after_a_second() -> None:
        async with trio.open_nursery() as nursery:
            for shields in (1, 2, 5):
                nursery.start_soon(work, shields)
            await trio.sleep(1)
            end_shields_by(trio.current_time() + 12)
            nursery.cancel_scope.cancel()

    with pytest.raises(BaseExceptionGroup):
        await stopped_after_a_second()
    assert trio.current_time() == pytest.approx(13)


def test_a_stop_of_the_process_is_shorter_than_the_unit_allows() -> None:
    (allowed,) = [line for line in UNIT.read_text().splitlines() if line.startswith("TimeoutStopSec=")]
    longest = (
        limits.SHUTDOWN_GRACE_SECONDS  # requests are answered
        + limits.NOTIFY_TIMEOUT_SECONDS  # STOPPING=1 is sent
        + limits.SHUTDOWN_CLEANUP_SECONDS  # every shield, together
    )
    assert longest < limits.SHUTDOWN_MAX_SECONDS  # a thread hangs
    assert int(allowed.partition("=")[2]) >= limits.SHUTDOWN_MAX_SECONDS + 5


def test_a_git_server_that_says_nothing_does_not_make_a_stop_longer() -> None:
    assert limits.GIT_SILENCE_TIMEOUT_SECONDS < limits.GIT_STOP_GRACE_SECONDS < limits.SHUTDOWN_CLEANUP_SECONDS

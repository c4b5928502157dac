"""Background services restart with a growing pause and show as degraded meanwhile."""

import pytest
import trio
import trio.testing

from townos.app.supervision import Supervisor
from townos.limits import RESTART_BACKOFF_RESET_SECONDS
from townos.testing.clock import FakeClock


class Flaky:
    """Fails as often as told, noting when it was started; then runs for ever."""

    def __init__(self, clock: FakeClock, failures: int) -> None:
        self.clock = clock
        self.failures = failures
        self.starts: list[float] = []

    async def serve(self) -> None:
        self.starts.append(self.clock.monotonic())
        if len(self.starts) <= self.failures:
            raise RuntimeError("no luck")
        await trio.sleep_forever()


async def advance(clock: FakeClock, seconds: int) -> None:
    for _ in range(seconds):
        await trio.testing.wait_all_tasks_blocked()
        clock.advance(1)
    await trio.testing.wait_all_tasks_blocked()


async def test_a_failing_service_is_restarted_after_1_2_4_seconds() -> None:
    clock = FakeClock()
    flaky = Flaky(clock, failures=3)
    async with trio.open_nursery() as nursery:
        Supervisor(clock).start(nursery, "flaky", flaky.serve)
        await advance(clock, 10)
        nursery.cancel_scope.cancel()
    assert flaky.starts == [0, 1, 3, 7]


async def test_a_service_that_failed_lately_is_degraded_until_it_has_run_well() -> None:
    clock = FakeClock()
    supervisor = Supervisor(clock)
    async with trio.open_nursery() as nursery:
        supervisor.start(nursery, "flaky", Flaky(clock, failures=1).serve)
        await advance(clock, 2)
        assert {name: str(why) for name, why in supervisor.degraded.items()} == {"flaky": "RuntimeError: no luck"}
        clock.advance(RESTART_BACKOFF_RESET_SECONDS)
        assert supervisor.degraded == {}
        nursery.cancel_scope.cancel()


async def test_the_pause_is_capped_and_starts_anew_after_a_good_run() -> None:
    clock = FakeClock()
    flaky = Flaky(clock, failures=20)
    async with trio.open_nursery() as nursery:
        Supervisor(clock).start(nursery, "flaky", flaky.serve)
        await advance(clock, 400)
        nursery.cancel_scope.cancel()
    pauses = [later - earlier for earlier, later in zip(flaky.starts, flaky.starts[1:], strict=False)]
    assert max(pauses) == 60
    assert pauses == sorted(pauses)


async def test_a_failing_service_does_not_disturb_another() -> None:
    clock = FakeClock()
    steady, flaky = Flaky(clock, failures=0), Flaky(clock, failures=5)
    supervisor = Supervisor(clock)
    async with trio.open_nursery() as nursery:
        supervisor.start(nursery, "steady", steady.serve)
        supervisor.start(nursery, "flaky", flaky.serve)
        await advance(clock, 5)
        nursery.cancel_scope.cancel()
    assert steady.starts == [0]


async def test_a_service_that_ends_by_itself_is_not_restarted() -> None:
    ends: list[int] = []

    async def once() -> None:
        ends.append(1)

    await Supervisor(FakeClock()).keep("once", once)
    assert ends == [1]


async def test_cancellation_is_not_a_failure() -> None:
    supervisor = Supervisor(FakeClock())
    with trio.move_on_after(0) as scope:
        await supervisor.keep("sleeper", trio.sleep_forever)
    assert scope.cancelled_caught
    assert supervisor.degraded == {}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")

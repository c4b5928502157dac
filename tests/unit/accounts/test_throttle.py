"""The brake on guessing: per source, with a pause, and with bounded memory."""

import pytest

from townos.accounts.throttle import LoginThrottle
from townos.errors import Throttled
from townos.limits import LOGIN_SOURCES_MAX
from townos.testing.clock import FakeClock


def throttle() -> tuple[LoginThrottle, FakeClock]:
    clock = FakeClock()
    return LoginThrottle(clock), clock


def fail(brake: LoginThrottle, times: int, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        brake.attempt(address)


@pytest.mark.conformance("HOLE-04")
def test_ten_failures_are_let_through_and_the_eleventh_waits_a_minute() -> None:
    brake, clock = throttle()
    fail(brake, 10)
    with pytest.raises(Throttled) as refused:
        fail(brake, 1)
    assert refused.value.retry_after == 60
    clock.advance(59.5)
    with pytest.raises(Throttled) as refused:
        fail(brake, 1)
    assert refused.value.retry_after == 1
    clock.advance(0.5)
    fail(brake, 10)


def test_refused_attempts_do_not_prolong_the_pause() -> None:
    brake, clock = throttle()
    fail(brake, 10)
    for _ in range(5):
        clock.advance(10)
        with pytest.raises(Throttled):
            fail(brake, 1)
    clock.advance(10)
    fail(brake, 1)


def test_slow_failures_are_never_refused() -> None:
    brake, clock = throttle()
    for _ in range(100):
        fail(brake, 1)
        clock.advance(6.7)


def test_failures_of_the_last_minute_count_whenever_it_began() -> None:
    brake, clock = throttle()
    fail(brake, 5)
    clock.advance(59)
    fail(brake, 5)
    with pytest.raises(Throttled):
        fail(brake, 1)


def test_successes_do_not_count() -> None:
    brake, _ = throttle()
    for _ in range(100):
        brake.attempt("192.0.2.1").forgive()


def test_a_success_does_not_wash_away_failures() -> None:
    brake, _ = throttle()
    fail(brake, 9)
    brake.attempt("192.0.2.1").forgive()
    fail(brake, 1)
    with pytest.raises(Throttled):
        fail(brake, 1)


def test_attempts_that_are_still_being_checked_count() -> None:
    brake, _ = throttle()
    running = [brake.attempt("192.0.2.1") for _ in range(10)]
    with pytest.raises(Throttled):
        brake.attempt("192.0.2.1")
    running[0].forgive()
    brake.attempt("192.0.2.1")


def test_sources_do_not_hinder_each_other() -> None:
    brake, _ = throttle()
    fail(brake, 10)
    fail(brake, 10, "192.0.2.2")


def test_memory_is_bounded_and_forgets_the_oldest_source_first() -> None:
    brake, _ = throttle()
    fail(brake, 10)
    for number in range(LOGIN_SOURCES_MAX):
        fail(brake, 1, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(brake._failures) == LOGIN_SOURCES_MAX
    fail(brake, 1)

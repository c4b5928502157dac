"""A service counts as started when it stays up."""

import pytest
from trio.testing import MockClock

from townos.errors import NotFound
from townos.names import UnitName
from townos.systemd.manager import JobFailed, UnitFailed, running, start_and_watch
from townos.testing.systemd import EXITS_CLEANLY, FINE, Behaviour, FakeSystemd

WEB = UnitName.parse("town-os-package--core-web-1.0.service")
WATCHED_SECONDS = 10


def systemd(behaviour: Behaviour) -> FakeSystemd:
    fake = FakeSystemd()
    fake.behaviours[WEB] = behaviour
    return fake


async def test_a_unit_that_stays_up_has_started(autojump_clock: MockClock) -> None:
    fake = systemd(FINE)
    await start_and_watch(fake, WEB, WATCHED_SECONDS)
    assert await running(fake, WEB)


async def test_a_clean_end_is_fine(autojump_clock: MockClock) -> None:
    fake = systemd(EXITS_CLEANLY)
    await start_and_watch(fake, WEB, WATCHED_SECONDS)
    assert not await running(fake, WEB)


async def test_a_clean_exit_is_a_failure_of_a_unit_that_has_to_stay(autojump_clock: MockClock) -> None:
    with pytest.raises(UnitFailed, match="ended by itself"):
        await start_and_watch(systemd(EXITS_CLEANLY), WEB, WATCHED_SECONDS, may_end=False)
    with pytest.raises(UnitFailed, match="ended by itself"):
        await start_and_watch(systemd(Behaviour(ends_after_seconds=3)), WEB, WATCHED_SECONDS, may_end=False)


async def test_a_start_job_that_fails_is_told(autojump_clock: MockClock) -> None:
    with pytest.raises(JobFailed, match="dependency"):
        await start_and_watch(systemd(Behaviour(job="dependency")), WEB, WATCHED_SECONDS)


async def test_a_unit_that_is_not_there_cannot_start(autojump_clock: MockClock) -> None:
    with pytest.raises(NotFound):
        await start_and_watch(FakeSystemd(), WEB, WATCHED_SECONDS)


@pytest.mark.parametrize("life", [0, 0.1, 3, 9.9])
async def test_a_failure_within_the_time_is_told(life: float, autojump_clock: MockClock) -> None:
    with pytest.raises(UnitFailed, match="exit status 7"):
        await start_and_watch(systemd(Behaviour(ends_after_seconds=life, exit_status=7)), WEB, WATCHED_SECONDS)


@pytest.mark.parametrize("pause", [0.001, 0.1, 5])
async def test_a_program_that_is_restarted_over_and_over_has_not_started(
    pause: float, autojump_clock: MockClock
) -> None:
    dies = Behaviour(ends_after_seconds=3, exit_status=1, restart_seconds=pause)
    with pytest.raises(UnitFailed, match="stopped again at once"):
        await start_and_watch(systemd(dies), WEB, WATCHED_SECONDS)


async def test_a_failure_after_the_time_is_none_of_the_start(autojump_clock: MockClock) -> None:
    await start_and_watch(systemd(Behaviour(ends_after_seconds=11, exit_status=1)), WEB, WATCHED_SECONDS)


async def test_a_start_without_watch_time_counts_only_the_first_state(autojump_clock: MockClock) -> None:
    await start_and_watch(systemd(Behaviour(ends_after_seconds=3, exit_status=1)), WEB, 0)


async def test_an_earlier_failure_is_forgotten_first(autojump_clock: MockClock) -> None:
    fake = systemd(Behaviour(ends_after_seconds=0, exit_status=1))
    with pytest.raises(UnitFailed):
        await start_and_watch(fake, WEB, WATCHED_SECONDS)
    fake.behaviours[WEB] = FINE
    await start_and_watch(fake, WEB, WATCHED_SECONDS)
    assert fake.changes_of(WEB) == ["reset_failed", "start"] * 2

"""The boot runs behind an interface that already answers."""

import pytest
import trio

from townos.app.boot import Boot, Stage
from townos.errors import Unavailable


def planned(*stages: Stage) -> Boot:
    boot = Boot()
    boot.plan(*stages)
    return boot


async def test_stages_run_in_order_and_show_as_pending_until_they_end() -> None:
    seen: list[tuple[str, ...]] = []

    async def note() -> None:
        seen.append(boot.pending)

    boot = planned(Stage("storage", note), Stage("packages", note))
    await boot.run()
    assert seen == [("storage", "packages"), ("packages",)]
    assert boot.pending == ()


async def test_work_is_refused_until_the_boot_ends_with_a_time_to_try_again() -> None:
    boot = planned(Stage("packages", trio.lowlevel.checkpoint))
    with pytest.raises(Unavailable, match="starting the packages") as refusal:
        boot.require_ended()
    assert refusal.value.retry_after
    await boot.run()
    boot.require_ended()
    await boot.wait_ended()


async def test_a_failed_stage_is_shown_and_the_next_stages_still_run(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []

    async def fail() -> None:
        raise RuntimeError("no disk at https://bob:hunter2@nas")

    async def work() -> None:
        ran.append("packages")

    boot = planned(Stage("storage", fail), Stage("packages", work))
    await boot.run()
    assert ran == ["packages"]
    assert [str(failure) for failure in boot.failures.values()] == ["RuntimeError: no disk at https://[REDACTED]@nas"]
    assert "storage failed" in caplog.text

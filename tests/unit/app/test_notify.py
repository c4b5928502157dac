"""The service manager is told READY, STOPPING and that the loop still turns."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from townos.app.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(10)
        yield listener


async def test_states_are_sent_as_the_protocol_says(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    await notifier.ready()
    await notifier.stopping()
    assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]


async def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0townos-test-{os.getpid()}")
        listener.settimeout(10)
        await Notifier({"NOTIFY_SOCKET": f"@townos-test-{os.getpid()}"}).ready()
        assert listener.recv(100) == b"READY=1"


async def test_no_notification_is_sent_without_a_manager() -> None:
    await Notifier({}).ready()


async def test_a_manager_that_reads_nothing_does_not_hold_up_the_loop(
    manager: socket.socket, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                other.sendto(b"noise", manager.getsockname())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notifier.ready)
        await wait_all_tasks_blocked()  # never, while a call blocks the loop
        assert caplog.text == ""
    assert "READY=1 is lost" in caplog.text


async def test_the_watchdog_is_fed_several_times_per_timeout(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "30000"})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notifier.serve_watchdog)
        for _ in range(3):
            assert await trio.to_thread.run_sync(manager.recv, 100) == b"WATCHDOG=1"
        nursery.cancel_scope.cancel()


async def test_no_watchdog_is_fed_when_none_is_asked_for_or_another_process_is_meant() -> None:
    await Notifier({}).serve_watchdog()
    await Notifier({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}).serve_watchdog()

"""Reading from a disk that hangs keeps nobody who gives up; what changes something is waited for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from townos.storage.btrfs import directories
from townos.storage.btrfs.disk import Disk


@contextmanager
def opened(_: Path) -> Iterator[int]:
    yield -1


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(directories, "root", opened)
    return Disk(tmp_path)


async def test_a_read_that_hangs_is_left_behind_by_who_gives_up(disk: Disk) -> None:
    hanging = threading.Event()
    with trio.move_on_after(0.01) as scope:
        await disk.read(lambda _: hanging.wait())
    assert scope.cancelled_caught
    hanging.set()


async def test_a_change_is_waited_for_by_who_gives_up(disk: Disk) -> None:
    cancelled, done = threading.Event(), threading.Event()

    def change(_: int) -> None:
        cancelled.wait()
        done.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(disk.look, change)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        cancelled.set()
    assert done.is_set()

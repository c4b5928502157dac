"""Long work in threads keeps to its budget, and leaves threads for short work."""

import pkgutil
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module

import pytest
import trio

import townos
from townos.concurrency import ThreadBudget
from townos.posix.process import run
from townos.testing.appliance import TestAppliance

PIECES = 50
"""More than Trio has threads of its own."""


class Work:
    """Long work that ends when it is told to."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.running = threading.Semaphore(0)

    def __call__(self) -> None:
        self.running.release()
        self.ended.wait()


@asynccontextmanager
async def used_up(budgets: Sequence[ThreadBudget]) -> AsyncIterator[list[Work]]:
    """Have more to do for each budget than it has threads, for the time of a block."""
    works = [Work() for _ in budgets]
    async with trio.open_nursery() as nursery:
        try:
            for budget, work in zip(budgets, works, strict=True):
                for _ in range(PIECES):
                    nursery.start_soon(budget.run, work)
                for _ in range(budget.threads):
                    await trio.to_thread.run_sync(work.running.acquire)
            yield works
        finally:
            for work in works:
                work.ended.set()


def all_budgets() -> list[ThreadBudget]:
    """Return every budget of the program: each is a constant of its module."""
    names = (module.name for module in pkgutil.walk_packages(townos.__path__, "townos."))
    modules = [import_module(name) for name in names if not name.endswith("__main__")]
    found = (value for module in modules for value in vars(module).values() if isinstance(value, ThreadBudget))
    return list({id(budget): budget for budget in found}.values())


async def test_a_budget_is_kept() -> None:
    async with used_up([ThreadBudget(3)]) as (work,):
        assert not work.running.acquire(timeout=0.05)


async def test_short_work_does_not_wait_for_long_work(appliance: TestAppliance) -> None:
    budgets = all_budgets()
    assert len(budgets) >= 5
    path = trio.Path(appliance.host.path / "file")
    async with used_up(budgets):
        with trio.fail_after(30):
            await path.write_text("short")
            assert await path.read_text() == "short"
            await appliance.settings.integer("snapshots_kept")
            await appliance.database.read(lambda connection: connection.execute("SELECT 1").fetchone())
            assert (await run(["echo", "done"], timeout=20)).stdout == b"done\n"


@pytest.mark.parametrize("error", [OSError, KeyError])
async def test_an_error_of_work_is_the_callers(error: type[Exception]) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(error):
        await ThreadBudget(1).run(fail)

"""What all tests share.

Those marked `bed` are carried out inside a booted test host. The clock of a test that asks for `autojump_clock`, in a
fixture or by `usefixtures`, is that one: pytest-trio by itself takes a clock only from the test's own arguments.
"""

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import hypothesis
import pytest
import trio
from trio.abc import Clock
from trio.testing import MockClock

pytest_plugins = ["tests.support.scratch", "tests.bed.sharing", "tests.bed.remote"]

# How long an example takes says how busy the machine is. Examples are random everywhere, also where a variable `CI`
# would make them always the same: every run then looks at something new, and prints how to repeat what failed.
hypothesis.settings.register_profile("thorough", max_examples=100, deadline=None, derandomize=False, print_blob=True)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("thorough"), max_examples=30)
hypothesis.settings.load_profile("thorough")


@pytest.fixture
def autojump_clock() -> MockClock:
    """Return a clock that jumps when all tasks have been waiting for a millisecond.

    Trio's loop would spin while a thread works, and take its processor, with pytest-trio's own: that one jumps at once.
    """
    return MockClock(autojump_threshold=0.001)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end: modules and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function) or item.get_closest_marker("trio") is None:
            continue
        if "autojump_clock" in item.fixturenames:
            item.add_marker(pytest.mark.trio(run=partial(_run, item)), append=False)


def _run(item: pytest.Function, main: Callable[..., Any], *, clock: Clock | None, instruments: Sequence[Any]) -> Any:
    chosen = clock or cast("Clock", item.funcargs["autojump_clock"])
    return trio.run(main, clock=chosen, instruments=instruments)

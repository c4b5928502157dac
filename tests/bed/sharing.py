"""A pytest plugin: how several processes share the tests, with `--dist=loadfile --no-loadscope-reorder`.

Each process that is free gets the next file. Files that take long go first, so that all end at about the same time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

WORKER: Final = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
"""The number of this process among several, for names that must differ; empty if there is but one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first the files with slow tests, then those with tests for a bed."""
    urgency: dict[Path, int] = {}
    for item in items:
        urgency[item.path] = max(urgency.get(item.path, 0), 2 * _has(item, "slow"), _has(item, "bed"))
    items.sort(key=lambda item: -urgency[item.path])


def _has(item: pytest.Item, mark: str) -> bool:
    return item.get_closest_marker(mark) is not None

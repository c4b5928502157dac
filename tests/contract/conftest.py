"""What several contract tests run on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.gitworlds import FakeWorld, HttpWorld, LocalWorld, World


@pytest.fixture(params=[FakeWorld, HttpWorld, LocalWorld])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield request.param(tmp_path / "server", stack)

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def recursion_limit() -> Iterator[None]:
    """Give back the interpreter's limit, which the command for templates raises for a process of its own."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)

"""Processes that the tests have started."""

import os
from pathlib import Path


def children() -> list[str]:
    """Return the ids of the children that this thread has now."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()

"""Telling the person at the terminal what goes on; standard output is kept for results."""

from __future__ import annotations

import sys
from collections.abc import Callable

Say = Callable[[str], None]


def say(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def silence(_text: str) -> None:
    """Say nothing."""

"""How far a piece of work has come."""

from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Told what is done and how much there is in all, the latter `None` until it is known."""

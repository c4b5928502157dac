"""Keeping the process small: what the C library does with freed memory."""

import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h


def use_one_arena() -> None:
    """Let all threads allocate from one arena instead of one each (mallopt(3)); does nothing without glibc.

    Worker threads here wait more than they allocate, and arenas of their own keep megabytes that nobody uses.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)

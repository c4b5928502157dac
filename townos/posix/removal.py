"""Deleting a tree that a program has made, as deep as it likes: without recursion and with few open files. Blocks."""

import os
from secrets import token_hex
from typing import Final

from townos.concurrency import ThreadBudget
from townos.limits import DELETION_THREADS
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import is_directory, names
from townos.posix.files import opened_directory

DELETIONS: Final = ThreadBudget(DELETION_THREADS)
"""For clean-up: it never waits for the work that it cleans up after."""


def remove(directory: int, name: str, checkpoint: Checkpoint) -> None:
    """Delete what has a name in an open directory, if anything has; no link is followed.

    `checkpoint` is called for each thing. Raises `OSError` where a program hinders it, and for a subvolume inside.
    """
    try:
        with opened_directory(directory, [name]) as top:
            _empty(top, checkpoint)
    except FileNotFoundError:
        return
    except OSError:
        if is_directory(directory, name):
            raise
        os.unlink(name, dir_fd=directory)
    else:
        os.rmdir(name, dir_fd=directory)


def _empty(top: int, checkpoint: Checkpoint) -> None:
    """Delete what an open directory holds: what is in a directory inside moves up first, so nothing is deep."""
    while found := _names_now(top):
        for name in found:
            checkpoint()
            if not is_directory(top, name):
                os.unlink(name, dir_fd=top)
                continue
            with opened_directory(top, [name]) as below:
                for inside in names(below):
                    checkpoint()
                    _take_out(below, inside, top)
            os.rmdir(name, dir_fd=top)


def _names_now(top: int) -> list[str]:
    """Return what a directory holds, with what came into it since it was opened: btrfs hides that until then."""
    with opened_directory(top, ["."]) as opened_again:
        return names(opened_again)


def _take_out(below: int, name: str, top: int) -> None:
    if is_directory(below, name):
        os.rename(name, token_hex(16), src_dir_fd=below, dst_dir_fd=top)
    else:
        os.unlink(name, dir_fd=below)

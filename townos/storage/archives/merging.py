"""Merging what an archive was unpacked to into a volume that may be in use, and rolling that back."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final

from townos.concurrency import ThreadBudget
from townos.errors import Conflict, NoSpace
from townos.limits import ARCHIVE_THREADS, VOLUME_CLEARING_TIMEOUT_SECONDS
from townos.posix.checkpoints import Checkpoint, at_most
from townos.posix.entries import times
from townos.posix.files import opened_directory, sync_file_system
from townos.posix.no_space import is_out_of_space
from townos.posix.removal import remove
from townos.posix.tree_copy import TreeCopy
from townos.storage.archives.placing import Placing, require_places
from townos.storage.archives.rollback import Rollback
from townos.storage.exact_copy import ExactCopy

log: Final = logging.getLogger(__name__)

MERGING: Final = ThreadBudget(ARCHIVE_THREADS)
"""For all the work below."""

_PREFIX: Final = ".town-os-upload-"
"""How the staging directory in a volume is called: new things are in it at first, and then what they replaced."""


def prepare(unpacked: Path, volume: Path) -> None:
    """See that a merge has a prospect, and let the disk count what the volume holds. Blocks.

    Raises `Conflict` when something is in the way. What comes into the way later, in a volume that its program uses,
    `merge` finds.
    """
    with _volume_errors(), opened_directory(unpacked) as source, opened_directory(volume) as target:
        require_places(source, target)
        sync_file_system(target)


def merge(unpacked: Path, volume: Path, checkpoint: Checkpoint) -> None:
    """Add what a directory holds to a volume, replacing files of the same names; all of it or, on any error, nothing.

    Blocks. Done again after a crash, it goes on: what was placed is placed anew. Raises `NoSpace`, and
    `Conflict` when a file is where a directory would have to be, or when the volume's program changes too much at the
    same time.
    """
    with (
        _volume_errors(),
        opened_directory(unpacked) as source,
        opened_directory(volume) as target,
        _unchanged_on_error(target),
    ):
        _remove_leftovers(target)
        with _staging_directory(target) as name:
            with opened_directory(target, [name]) as new:
                TreeCopy(new, ExactCopy(checkpoint)).copy_all(source)
            Placing(target, (name,), checkpoint).run()
        sync_file_system(target)  # whoever is told that it is done may switch the power off


def roll_back(unpacked: Path, before: Path, volume: Path, checkpoint: Checkpoint) -> None:
    """Make all that an archive was unpacked to what it was before, in place, after `merge` or a part of it.

    Blocks. `before` is a snapshot of the volume from then. Raises `NoSpace` and `Conflict`. After that, after a crash
    and after a cancellation it can be done again.
    """
    with (
        _volume_errors(),
        opened_directory(unpacked) as named,
        opened_directory(before) as old,
        opened_directory(volume) as target,
    ):
        _remove_leftovers(target)
        with _staging_directory(target) as name, opened_directory(target, [name]) as staging:
            Rollback(named, old, target, staging, checkpoint).run()
        os.utime(target, ns=times(old))
        sync_file_system(target)


@contextmanager
def _volume_errors() -> Iterator[None]:
    """Map what the kernel says of a volume."""
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise NoSpace("archive.volume_full") from error
        raise Conflict("archive.volume_changed") from error


@contextmanager
def _unchanged_on_error(volume: int) -> Iterator[None]:
    """Let a volume's own directory have its times again after an error: the staging directory came and went."""
    before = times(volume)
    try:
        yield
    except BaseException:
        os.utime(volume, ns=before)
        raise


@contextmanager
def _staging_directory(volume: int) -> Iterator[str]:
    name = f"{_PREFIX}{token_hex(8)}"
    os.mkdir(name, 0o700, dir_fd=volume)
    try:
        yield name
    finally:
        _remove(volume, name)


def _remove_leftovers(volume: int) -> None:
    """Remove what a power cut has left of another upload; what it replaced is in the snapshot taken before it."""
    for name in os.listdir(volume):
        if name.startswith(_PREFIX):
            _remove(volume, name)


def _remove(volume: int, name: str) -> None:
    """Delete something. What was merged counts whether or not this succeeds: then the next upload does it."""
    try:
        remove(volume, name, at_most(VOLUME_CLEARING_TIMEOUT_SECONDS))
    except OSError as error:
        log.warning("%s could not be deleted from a volume after an upload: %s", name, error)

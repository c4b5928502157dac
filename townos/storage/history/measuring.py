"""How much something in a snapshot takes of a quota. Blocks."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from townos.errors import Invalid
from townos.limits import RESTORE_DEPTH_MAX, RESTORE_ENTRY_BYTES
from townos.names import InnerPath
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import allocated, names
from townos.posix.files import opened_directory
from townos.storage.history.browsing import require_path


def size_of(snapshot: Path, path: InnerPath, checkpoint: Checkpoint) -> int:
    """Return how many bytes something takes with all in it, its place in the directories included.

    `checkpoint` is called for each thing. Raises what `require_path` raises, and `Invalid` for what is too deep to be
    restored alone.
    """
    require_path(snapshot, path)
    *above, name = path.parts
    with opened_directory(snapshot, above) as directory:
        return sum(_sizes(directory, name, set(), checkpoint, depth=1))


def _sizes(directory: int, name: str, counted: set[int], checkpoint: Checkpoint, *, depth: int) -> Iterator[int]:
    checkpoint()
    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    yield RESTORE_ENTRY_BYTES
    if stat.S_ISDIR(status.st_mode):
        if depth > RESTORE_DEPTH_MAX:
            raise Invalid.at("path", "storage.too_deep_to_restore", RESTORE_DEPTH_MAX)
        with opened_directory(directory, [name]) as below:
            for inside in names(below):
                yield from _sizes(below, inside, counted, checkpoint, depth=depth + 1)
    elif status.st_ino not in counted:
        if status.st_nlink > 1:
            counted.add(status.st_ino)
        yield allocated(status)

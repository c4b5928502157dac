"""From a staging directory into a volume that may be in use: as one step for whoever waits for it."""

import errno
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final

from townos.errors import Conflict, NoSpace
from townos.files import opened_directory
from townos.storage.archives.bringing import Bringing
from townos.storage.archives.placing import Placing

log: Final = logging.getLogger(__name__)

_PREFIX: Final = ".town-os-upload-"
"""Where in a volume new things wait for their places, and what they replaced for its end."""
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def merge(staging: Path, volume: Path, stop: Callable[[], None]) -> None:
    """Add what a directory holds to a volume, replacing files of the same names; all of it or, on any error, nothing.

    Blocks. `stop` is called often and raises when this is to end. Raises `NoSpace`, and `Conflict` when a file is where
    a directory would have to be, or when the volume's program changes too much at the same time.
    """
    try:
        with opened_directory(staging) as source, opened_directory(volume) as target:
            _remove_leftovers(target)
            with _waiting_room(target) as name:
                with opened_directory(target, [name]) as new:
                    Bringing(source, new, stop).run()
                Placing(target, (name,), stop).run()
        os.sync()  # whoever is told that it is done may switch the power off
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise NoSpace("archive.volume_full") from error
        raise Conflict("archive.volume_changed") from error


@contextmanager
def _waiting_room(volume: int) -> Iterator[str]:
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
        if stat.S_ISDIR(os.stat(name, dir_fd=volume, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=volume)
        else:
            os.unlink(name, dir_fd=volume)
    except OSError as error:
        log.warning("%s could not be deleted from a volume after an upload: %s", name, error)

"""Space that is kept for the moment when there is none left, so that what frees space can begin.

btrfs runs out of two kinds of it. Without space for content, no larger file can be written; podman, for one, does not
even remove a container. Without space for metadata, which many small files bring about, no directory is made and
nothing renamed any more. Deleting a file always works: so there is one that has content, and one whose extended
attributes are metadata. Measured on a disk filled up with attributes: making a directory, renaming and writing a few
bytes failed with ENOSPC, and worked again after the second was deleted.
"""

import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import trio

from townos.limits import RESERVE_ATTRIBUTE_BYTES, RESERVE_ATTRIBUTES, RESERVE_CONTENT_BYTES
from townos.posix.files import opened_directory, sync_file_system
from townos.posix.no_space import is_disk_full

log: Final = logging.getLogger(__name__)
T = TypeVar("T")

_UNFINISHED: Final = ".unfinished"
_ATTRIBUTE: Final = "user.town-os.reserve-%d"


class Reserve:
    """Two files in a directory; without a directory, none. Everything here blocks but for `run_async`.

    That it is short of something is a better sign of a disk without space for metadata than what btrfs tells, which had
    18 MiB of them left when no directory could be made any more.
    """

    def __init__(self, directory: Path | None) -> None:
        self._files = {directory / name: fill for name, fill in _FILES.items()} if directory else {}
        self._is_short = False

    @property
    def is_short(self) -> bool:
        """Whether a part was given up or could not be made."""
        return self._is_short

    def make(self) -> None:
        """Make what is missing. Where there is no space for it, or no such attributes, there is none."""
        missing = {path: fill for path, fill in self._files.items() if not path.exists()}
        made = [_make(path, fill) for path, fill in missing.items()]
        self._is_short = not all(made)

    def run(self, work: Callable[[], T]) -> T:
        """Do work; each time that the disk is full, give up a part of the reserve and do the work again."""
        while True:
            try:
                return work()
            except Exception as error:
                if not is_disk_full(error) or not self.give_up():
                    raise

    async def run_async(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do as `run` does."""
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_disk_full(error) or not await trio.to_thread.run_sync(self.give_up):
                    raise

    def give_up(self) -> bool:
        """Delete one of the files; False when none is left. Whoever still has no space calls again."""
        for path in self._files:
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            self._is_short = True
            log.warning("the disk has no space left, so %s was given up", path.name)
            _free_deleted(path.parent)
            return True
        return False


def _free_deleted(directory: Path) -> None:
    """Commit: btrfs frees what was deleted with its next transaction only."""
    try:
        with opened_directory(directory) as descriptor:
            sync_file_system(descriptor)
    except OSError as error:  # whoever needs the space will see
        log.warning("the deletion of a part of the reserve could not be committed: %s", error)


def _make(path: Path, fill: Callable[[int], None]) -> bool:
    unfinished = path.with_name(f"{path.name}{_UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fill(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        unfinished.rename(path)
    except OSError as error:
        log.info("there is no reserve of space at %s: %s", path, error)
        unfinished.unlink(missing_ok=True)
        return False
    return True


def _fill_with_attributes(descriptor: int) -> None:
    for number in range(RESERVE_ATTRIBUTES):
        os.setxattr(descriptor, _ATTRIBUTE % number, bytes(RESERVE_ATTRIBUTE_BYTES))


def _fill_with_content(descriptor: int) -> None:
    os.posix_fallocate(descriptor, 0, RESERVE_CONTENT_BYTES)


_FILES: Final = {"metadata": _fill_with_attributes, "content": _fill_with_content}

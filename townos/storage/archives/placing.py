"""Giving new things in a volume the places where they belong: each in one step, and all of them or none.

Whatever is replaced is exchanged with what replaces it, so it is still there, in the place of the new one, until all is
well. A program may be using the volume: what it changes meanwhile is not followed anywhere, and at worst the placing
ends, and what was placed is rolled back.
"""

import logging
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from townos.errors import Conflict
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import Parts, names, status, times
from townos.posix.files import exchange, opened_directory, rename_if_free
from townos.storage.archives.tar.members import shown

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that was moved, or exchanged, between the directories `new` and `old`."""

    new: Parts
    old: Parts
    name: str
    exchanged: bool


class Placing:
    """Puts what is in the directory `new` of a volume to its places in the volume. Blocks."""

    def __init__(self, volume: int, new: Parts, checkpoint: Checkpoint) -> None:
        """`volume` is its open directory; `checkpoint` is called for each thing."""
        self._volume = volume
        self._new = new
        self._checkpoint = checkpoint
        self._steps: list[_Step] = []
        self._times: dict[Parts, tuple[int, int]] = {}
        """When the directories of the volume were read and changed last, before anything was placed in them."""

    def run(self) -> None:
        """Place everything; directories that are there are kept, with their owners and modes, and added to.

        Raises `Conflict` when a directory would replace something else or the other way round, and `OSError`. Then, as
        after any exception, everything is as it was, but for what the volume's own program did meanwhile.
        """
        try:
            self._place(self._new, ())
        except BaseException:
            self._roll_back()
            raise

    def _place(self, new: Parts, old: Parts) -> None:
        with opened_directory(self._volume, new) as source, opened_directory(self._volume, old) as target:
            self._times[old] = times(target)
            for name in names(source):
                self._checkpoint()
                there = _is_directory(target, name)
                if there is None:
                    rename_if_free(source, target, name)
                    self._steps.append(_Step(new, old, name, exchanged=False))
                elif there is not _is_directory(source, name):
                    raise _in_the_way((*old, name))
                elif there:
                    self._place((*new, name), (*old, name))
                else:
                    exchange(source, name, target, name)
                    self._steps.append(_Step(new, old, name, exchanged=True))

    def _roll_back(self) -> None:
        for step in reversed(self._steps):
            try:
                with opened_directory(self._volume, step.new) as new, opened_directory(self._volume, step.old) as old:
                    if step.exchanged:
                        exchange(old, step.name, new, step.name)
                    else:
                        rename_if_free(old, new, step.name)
            except OSError as error:
                # Only the volume's own program can be the reason: it has removed, or made again, what we put there.
                log.warning(
                    "%s was changed while an upload was rolled back: %s", "/".join((*step.old, step.name)), error
                )
        for path, (read, changed) in self._times.items():
            with suppress(OSError), opened_directory(self._volume, path) as directory:  # that is gone, as above
                os.utime(directory, ns=(read, changed))


def require_places(source: int, target: int, above: Parts = ()) -> None:
    """Raise `Conflict` when something in an open directory is in the way of what is going to be placed there."""
    for name in names(source):
        there, new = _is_directory(target, name), _is_directory(source, name)
        if there is None:
            continue
        if there is not new:
            raise _in_the_way((*above, name))
        if there:
            with opened_directory(source, [name]) as deeper, opened_directory(target, [name]) as beside:
                require_places(deeper, beside, (*above, name))


def _is_directory(directory: int, name: str) -> bool | None:
    """Tell whether something is a directory; None where nothing is."""
    found = status(directory, name)
    return None if found is None else stat.S_ISDIR(found.st_mode)


def _in_the_way(path: Parts) -> Conflict:
    return Conflict.at("archive", "archive.in_the_way", shown(os.fsencode("/".join(path))))

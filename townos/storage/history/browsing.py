"""Looking into a directory of a snapshot. What is in it is anybody's: no link is followed, and names may be no text."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from townos.errors import Invalid, NotFound
from townos.limits import SNAPSHOT_ENTRIES_SHOWN_MAX
from townos.names import InnerPath
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import opened_directory
from townos.texts import CONTROL

UNREADABLE: Final = "\ufffd"
"""Stands for what cannot be shown of a name. A path with it names nothing that could be asked for."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EntryType(StrEnum):
    """What something in a snapshot is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Something in a directory; `size` is that of a file in bytes, else 0."""

    name: str
    type: EntryType
    size: int
    modified_at: datetime


def entries(snapshot: Path, path: InnerPath | None, checkpoint: Checkpoint) -> list[Entry]:
    """Return what a directory of a snapshot holds, sorted by name; without a path that of its top.

    Blocks; `checkpoint` is called for each entry. Raises `NotFound` and `Invalid`, for a path that leads to no
    directory, or through a link, and for a directory that holds too much.
    """
    try:
        with opened_directory(snapshot, path.parts if path else ()) as directory:
            return sorted(_within_bound(_entries(directory, checkpoint)))
    except FileNotFoundError as error:
        raise nothing_at(path) from error
    except OSError as error:
        raise Invalid.at("path", "storage.not_a_directory", str(path)) from error


def require_path(snapshot: Path, path: InnerPath) -> None:
    """Raise `NotFound` where nothing is, and `Invalid` where the way there leads through a link or a file. Blocks."""
    *above, name = path.parts
    try:
        with opened_directory(snapshot, above) as directory:
            os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError as error:
        raise nothing_at(path) from error
    except OSError as error:
        raise Invalid.at("path", "storage.not_a_directory", str(path)) from error


def nothing_at(path: InnerPath | None) -> NotFound | Invalid:
    """Return the error of a path where nothing is."""
    if path is not None and UNREADABLE in str(path):
        return Invalid.at("path", "storage.not_text", str(path))
    return NotFound.at("path", "storage.not_in_snapshot", str(path or ""))


def _within_bound(found: Iterator[Entry]) -> list[Entry]:
    bounded: list[Entry] = []
    for entry in found:
        if len(bounded) == SNAPSHOT_ENTRIES_SHOWN_MAX:
            raise Invalid.at("path", "storage.too_many_entries", SNAPSHOT_ENTRIES_SHOWN_MAX)
        bounded.append(entry)
    return bounded


def _entries(directory: int, checkpoint: Checkpoint) -> Iterator[Entry]:
    with os.scandir(directory) as scanned:
        for entry in scanned:
            checkpoint()
            yield _entry(entry.name, entry.stat(follow_symlinks=False))


def _entry(name: str, status: os.stat_result) -> Entry:
    kind = _kind(status.st_mode)
    size = status.st_size if kind is EntryType.FILE else 0
    return Entry(_shown(name), kind, size, _moment(status.st_mtime_ns))


def _kind(mode: int) -> EntryType:
    match stat.S_IFMT(mode):
        case stat.S_IFREG:
            return EntryType.FILE
        case stat.S_IFDIR:
            return EntryType.DIRECTORY
        case stat.S_IFLNK:
            return EntryType.LINK
    return EntryType.OTHER


def _shown(name: str) -> str:
    """Return a name as text; whatever a path could not say is replaced."""
    return CONTROL.sub(UNREADABLE, os.fsencode(name).decode(errors="replace"))


def _moment(nanoseconds: int) -> datetime:
    """Return a moment; programs may set any, before the year 1 and after 9999 too."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1_000)
    except OverflowError:
        return _EPOCH

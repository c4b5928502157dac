"""How the database's files lie on the disk, so that a full disk does not keep anybody from signing in.

On btrfs even what is overwritten needs new space, unless the file is marked otherwise (NOCOW): then blocks that it has
are written in place. So its directory is marked, a part of the database is kept free for what comes on a full disk, and
the write-ahead log keeps the space that it has once got: its second name keeps it from being deleted with the first,
which SQLite does whenever the database is closed. Measured on a full disk: unmarked, the first write failed; like this,
thousands of writes passed with all their checkpoints, and after a restart too.

btrfs keeps no checksums of such files. Everything here blocks.
"""

import logging
import os
import sqlite3
from pathlib import Path
from typing import Final

from townos.posix.files import opened_directory, sync_directory
from townos.posix.inode_flags import write_in_place

log: Final = logging.getLogger(__name__)

_WAL_HEADER_BYTES: Final = 32


def prepare(path: Path) -> None:
    """Mark the directory, and give the log of an earlier process back its name. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with opened_directory(path.parent) as directory:
        write_in_place(directory)
    wal, kept = _wal(path), _kept(path)
    if kept.exists() and not wal.exists():
        _blank(kept)
        wal.hardlink_to(kept)
        sync_directory(path.parent)
    path.touch(mode=0o600)
    path.chmod(0o600)  # one that was restored from a backup may be open to others


def keep_free(connection: sqlite3.Connection, path: Path, size: int) -> None:
    """See that so many bytes of the database are free, and that its log has as many. Raises `sqlite3.Error`.

    A table is filled and dropped: that writes all pages into the log and, with the checkpoint, into the database.
    """
    wal, kept = _wal(path), _kept(path)
    if not size or (_free(connection) >= size // 2 and wal.stat().st_size >= size and kept.exists()):
        return
    connection.execute("DROP TABLE IF EXISTS reserve")
    connection.execute("CREATE TABLE reserve (content BLOB)")
    connection.execute("INSERT INTO reserve VALUES (zeroblob(?))", (size,))
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    connection.execute("DROP TABLE reserve")
    kept.unlink(missing_ok=True)
    kept.hardlink_to(wal)
    sync_directory(path.parent)


def _free(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal.kept")


def _blank(kept: Path) -> None:
    """Make a log empty for SQLite; it deletes only one that is in the database whole."""
    with kept.open("r+b", buffering=0) as file:
        file.write(bytes(_WAL_HEADER_BYTES))
        os.fsync(file.fileno())

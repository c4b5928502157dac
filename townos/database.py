"""SQLite in WAL mode: one writer, a few readers, numbered migrations.

A unit of work is one plain function on a connection and costs one thread hop; SQLite never runs on the Trio loop.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Self, TypeVar

import trio

from townos.errors import Internal, NoSpace, Unavailable
from townos.limits import DATABASE_BUSY_TIMEOUT_SECONDS, DATABASE_READERS

T = TypeVar("T")

_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})
"""Errors that no later statement on these connections will be spared."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema, as an SQL script. Numbers count from 1 without gaps."""

    number: int
    script: str


class Database:
    """The appliance's one database."""

    def __init__(self, writer: sqlite3.Connection, readers: Sequence[sqlite3.Connection]) -> None:
        self._writer = writer
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for reader in readers:
            self._readers.put(reader)
        self._write_limiter = trio.CapacityLimiter(1)
        self._read_limiter = trio.CapacityLimiter(len(readers))
        self._broken = trio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, migrations: Sequence[Migration]) -> AsyncIterator[Self]:
        """Open or create the file (mode 0600), bring its schema up to date, and close it in the end.

        Raises `Internal` when a newer program wrote it.
        """
        database = await trio.to_thread.run_sync(cls._open, path, migrations)
        try:
            yield database
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(database._close)  # noqa: SLF001  our own

    @classmethod
    def _open(cls, path: Path, migrations: Sequence[Migration]) -> Self:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)  # one that was restored from a backup may be open to others
        writer = _connect(path)
        with _mapped_errors():
            _migrate(writer, migrations)
        readers = [_connect(path) for _ in range(DATABASE_READERS)]
        for reader in readers:
            reader.execute("PRAGMA query_only = ON")
        return cls(writer, readers)

    def _close(self) -> None:
        while not self._readers.empty():
            self._readers.get().close()
        self._writer.close()

    async def watch(self) -> None:
        """Wait until the file or its disk turns out to be broken; then raise `Internal`, so that the process ends."""
        await self._broken.wait()
        raise Internal("database.broken")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a unit of work in an immediate transaction: all of it is stored, or nothing.

        Raises what `work` raises, `NoSpace` on a full disk, `Unavailable` when another process holds the lock.
        A started transaction is finished even if the waiting task is cancelled.
        """
        with self._noticing_the_end():
            return await trio.to_thread.run_sync(self._write, work, limiter=self._write_limiter)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with _mapped_errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
            return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a unit of work that only reads. Statements of one call see one snapshot."""
        with self._noticing_the_end():
            return await trio.to_thread.run_sync(self._read, work, limiter=self._read_limiter)

    @contextmanager
    def _noticing_the_end(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            # The low byte is the error, the others tell more of it. An error of the sqlite3 module itself has none.
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _BROKEN:
                self._broken.set()
            raise

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._readers.get()
        try:
            with _mapped_errors():
                connection.execute("BEGIN")
                try:
                    return work(connection)
                finally:
                    connection.execute("ROLLBACK")
        finally:
            self._readers.put(connection)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=DATABASE_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: the step journal of an operation must survive a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    (current,) = connection.execute("PRAGMA user_version").fetchone()
    if current > len(migrations):
        raise Internal("database.newer", current, len(migrations))
    for migration in migrations[current:]:
        connection.executescript(
            f"BEGIN IMMEDIATE; {migration.script}; PRAGMA user_version = {int(migration.number)}; COMMIT"
        )


@contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Unavailable("database.busy", retry_after=1) from error
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise NoSpace("database.full") from error
        raise

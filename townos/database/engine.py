"""SQLite in WAL mode: one writer, a few readers, numbered migrations.

A unit of work is one plain function on a connection and costs one thread hop; SQLite never runs on the Trio loop.

No other process may use the file meanwhile. For that SQLite would map a file into memory (`-shm`), and where a disk
has no space left for a page of it, the kernel kills the process that touches it with SIGBUS.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Self, TypeVar

import trio

from townos.concurrency import shielded
from townos.database import files as database_files
from townos.errors import Internal, NoSpace, Unavailable
from townos.limits import CLEANUP_TIMEOUT_SECONDS, DATABASE_BUSY_TIMEOUT_SECONDS, DATABASE_READERS
from townos.posix.reserve import Reserve

log: Final = logging.getLogger(__name__)

T = TypeVar("T")

_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})
"""Errors that no later statement on these connections will be spared."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema, as an SQL script. Numbers count from 1 without gaps."""

    number: int
    script: str


@dataclass(frozen=True, slots=True)
class Footing:
    """How the database stands on its disk: the bytes kept free in it, and what is given up when nothing is left.

    `shared` lets other processes use the file too, as those do that test crashes.
    """

    bytes: int = 0
    reserve: Reserve = field(default_factory=partial(Reserve, None))
    shared: bool = False


class Database:
    """The appliance's one database."""

    def __init__(
        self, path: Path, footing: Footing, writer: sqlite3.Connection, readers: Sequence[sqlite3.Connection]
    ) -> None:
        self._path = path
        self._footing = footing
        self._writer = writer
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for reader in readers:
            self._readers.put(reader)
        self._write_limiter = trio.CapacityLimiter(1)
        self._read_limiter = trio.CapacityLimiter(DATABASE_READERS)
        self._broken = trio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, migrations: Sequence[Migration], footing: Footing = Footing()
    ) -> AsyncIterator[Self]:
        """Open or create the file (mode 0600), bring its schema up to date, and close it in the end.

        Raises `Internal` when a newer program wrote it.
        """
        database = await trio.to_thread.run_sync(cls._open, path, migrations, footing)
        try:
            yield database
        finally:
            with shielded(CLEANUP_TIMEOUT_SECONDS, "closing the database"):
                await trio.to_thread.run_sync(database._close)  # noqa: SLF001  our own

    @classmethod
    def _open(cls, path: Path, migrations: Sequence[Migration], footing: Footing) -> Self:
        footing.reserve.run(partial(database_files.prepare, path))
        writer = _connect(path, shared=footing.shared)
        with _mapped_errors():
            _migrate(writer, migrations)
        readers = [_connect(path, shared=footing.shared) for _ in range(DATABASE_READERS)]
        for reader in readers:
            reader.execute("PRAGMA query_only = ON")
        database = cls(path, footing, writer, readers)
        database._keep_free()
        return database

    def _close(self) -> None:
        while not self._readers.empty():
            self._readers.get().close()
        self._writer.close()

    async def keep_free(self) -> None:
        """Make good what a full disk has used up. Raises nothing: where there is no space for it, there is none."""
        await trio.to_thread.run_sync(self._keep_free, limiter=self._write_limiter)

    def _keep_free(self) -> None:
        try:
            database_files.keep_free(self._writer, self._path, self._footing.bytes)
        except (sqlite3.Error, OSError) as error:
            log.warning("the database has no space of its own for a full disk: %s", error)

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
        """Run a unit of work that only reads. Statements of one call see one snapshot. A cancel leaves it behind."""
        with self._noticing_the_end():
            return await trio.to_thread.run_sync(self._read, work, abandon_on_cancel=True, limiter=self._read_limiter)

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


def _connect(path: Path, *, shared: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?vfs={'unix' if shared else 'unix-excl'}",
        uri=True,
        timeout=DATABASE_BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: the step log of an operation must survive a power cut.
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

"""The database: whole units of work, one writer, numbered migrations."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from townos.database.engine import Database, Migration
from townos.database.migrations import MIGRATIONS
from townos.errors import Internal

ONE = (Migration(1, "CREATE TABLE t (x INTEGER UNIQUE)"),)
TWO = (*ONE, Migration(2, "ALTER TABLE t ADD COLUMN y TEXT DEFAULT 'new'"))


def insert(*values: int) -> object:
    def work(connection: sqlite3.Connection) -> None:
        for value in values:
            connection.execute("INSERT INTO t (x) VALUES (?)", (value,))

    return work


def execute(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(statement)


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT * FROM t ORDER BY x")]


async def test_a_unit_of_work_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", ONE) as database:
        await database.write(insert(1))  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(insert(2, 1))  # type: ignore[arg-type]
        assert await database.read(rows) == [(1,)]


async def test_migrations_run_once_each_and_in_order(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", ONE) as database:
        await database.write(insert(1))  # type: ignore[arg-type]
    for _ in range(2):
        async with Database.open(tmp_path / "x.db", TWO) as database:
            assert await database.read(rows) == [(1, "new")]


async def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", TWO):
        pass
    with pytest.raises(Internal, match="newer Town OS"):
        async with Database.open(tmp_path / "x.db", ONE):
            pass


async def test_the_file_is_private_to_root(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "db" / "x.db", ONE):
        assert (tmp_path / "db" / "x.db").stat().st_mode & 0o777 == 0o600


async def test_a_database_that_was_open_to_others_is_so_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch(mode=0o644)
    async with Database.open(path, MIGRATIONS):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", ONE) as database:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read(insert(1))  # type: ignore[arg-type]


async def test_a_broken_file_ends_who_watches(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    async with Database.open(path, ONE):
        pass
    async with Database.open(path, ONE) as database, trio.open_nursery() as nursery:
        ended = trio.Event()

        async def watch() -> None:
            with pytest.raises(Internal):
                await database.watch()
            ended.set()

        nursery.start_soon(watch)
        for harmless in ("SELECT * FROM nothing", "INSERT INTO t (x) VALUES (1), (1)", "nonsense"):
            with pytest.raises(sqlite3.DatabaseError):
                await database.write(execute(harmless))
        await trio.testing.wait_all_tasks_blocked()
        assert not ended.is_set()
        path.write_bytes(b"x" * path.stat().st_size)
        with pytest.raises(sqlite3.DatabaseError):
            await database.read(rows)
        with trio.fail_after(10):
            await ended.wait()


async def test_a_cancelled_writer_finishes_its_transaction(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", ONE) as database:
        with trio.CancelScope() as scope:
            scope.cancel()
            await database.write(insert(1))  # type: ignore[arg-type]
        stored = await database.read(rows)
        assert stored in ([], [(1,)])
        await database.write(insert(2))  # type: ignore[arg-type]
        assert (2,) in await database.read(rows)


async def test_a_read_that_hangs_is_left_behind_by_who_gives_up(tmp_path: Path) -> None:
    hanging = threading.Event()
    async with Database.open(tmp_path / "x.db", ONE) as database:
        with trio.move_on_after(0.01) as scope:
            await database.read(lambda _: hanging.wait())
        assert scope.cancelled_caught
        assert await database.read(rows) == []
        hanging.set()


def test_the_shipped_migrations_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


async def test_the_shipped_schema_is_accepted(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "x.db", MIGRATIONS) as database:
        names = await database.read(
            lambda connection: {
                row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
        )
    assert {"accounts", "sessions", "audit_log", "settings"} <= names

"""The database keeps its space through restarts and kills, and belongs to one process."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from townos.database import files as database_files
from townos.database.engine import Database, Footing, Migration

SIZE = 256 * 1024
SCHEMA = (Migration(1, "CREATE TABLE t (x INTEGER)"),)
FOOTING = Footing(SIZE)
KILLED = """
import os, signal, sys, trio
from pathlib import Path
from tests.unit.database.test_database_footing import FOOTING, SCHEMA, insert
from townos.database.engine import Database

async def main():
    async with Database.open(Path(sys.argv[1]), SCHEMA, FOOTING) as database:
        for _ in range(100):
            await database.write(insert)
        os.kill(os.getpid(), signal.SIGKILL)

trio.run(main)
"""
READ = (
    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT count(*) FROM t').fetchone())"
)


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO t VALUES (1)")


def count(connection: sqlite3.Connection) -> int:
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def free(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0]) * 4096


def python(program: str, file: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    argv = [sys.executable, "-c", program, str(file)]
    return subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "db" / "system.db"


def log(file: Path) -> os.stat_result:
    return file.with_name("system.db-wal").stat()


async def test_the_log_keeps_its_blocks_through_a_restart_and_nothing_is_lost(file: Path) -> None:
    async with Database.open(file, SCHEMA, FOOTING) as database:
        await database.write(insert)
        before = log(file)
        assert before.st_size >= SIZE
    assert not file.with_name("system.db-wal").exists()
    async with Database.open(file, SCHEMA, FOOTING) as database:
        assert (log(file).st_ino, log(file).st_size) == (before.st_ino, before.st_size)
        assert await database.read(count) == 1
        await database.write(insert)
        assert await database.read(count) == 2


async def test_a_part_of_the_database_stays_free(file: Path) -> None:
    async with Database.open(file, SCHEMA, FOOTING) as database:
        assert await database.read(free) >= SIZE // 2
        await database.write(lambda connection: connection.execute("CREATE TABLE big AS SELECT zeroblob(300000)"))
        assert await database.read(free) < SIZE // 2
        await database.keep_free()
        assert await database.read(free) >= SIZE // 2


async def test_writes_of_a_killed_process_last(file: Path) -> None:
    async with Database.open(file, SCHEMA, FOOTING) as database:
        await database.write(insert)
    killed = python(KILLED, file)
    assert killed.returncode == -9, killed.stderr
    async with Database.open(file, SCHEMA, FOOTING) as database:
        assert await database.read(count) == 101


async def test_the_file_belongs_to_one_process_unless_it_is_to_be_shared(file: Path) -> None:
    async with Database.open(file, SCHEMA, FOOTING):
        assert "locked" in python(READ, file).stderr
        assert not file.with_name("system.db-shm").exists()
    async with Database.open(file, SCHEMA, Footing(SIZE, shared=True)):
        assert python(READ, file).stdout == "(0,)\n"


async def test_the_database_opens_without_space_for_its_footing(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database_files, "keep_free", full)
    async with Database.open(file, SCHEMA, FOOTING) as database:
        await database.write(insert)
        assert await database.read(count) == 1
    assert "has no space of its own" in caplog.text

"""A disk without any space left: signing in, deleting and going back still work, and all else does afterwards."""

import errno
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.btrfs import fill_with_content, fill_with_names
from townos.database.engine import Database, Footing, Migration
from townos.limits import DATABASE_RESERVE_BYTES
from townos.names import InnerPath, PackageId, VolumeName
from townos.posix.reserve import Reserve
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.history.path_restore import PathRestore
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason

pytestmark = pytest.mark.bed

SCHEMA = (Migration(1, "CREATE TABLE entries (text TEXT)"),)
PHOTOS, FILLING = VolumePath.user("photos"), VolumePath.user("filling")
NGINX = PackageId.parse("core", "nginx", "1.0")
DATA = VolumeName.parse("data")
INSTALLED, UNINSTALLED = VolumePath.installed(NGINX, DATA), VolumePath.uninstalled(NGINX, DATA)
BEFORE = SnapshotId(datetime(2026, 1, 1, tzinfo=UTC), SnapshotReason.USER)
ENTRIES = 2_000

Fill = Callable[[Path], None]


@dataclass(slots=True)
class SmallDisk:
    """A small disk with volumes, a snapshot, and a database."""

    mount: Path
    volumes: BtrfsVolumes
    reserve: Reserve

    @property
    def file(self) -> Path:
        return self.mount / "data" / "db" / "system.db"

    @property
    def footing(self) -> Footing:
        return Footing(DATABASE_RESERVE_BYTES, self.reserve)

    def fill(self, fill: Fill) -> None:
        fill(self.volumes.location(FILLING))

    async def write(self, database: Database, count: int = ENTRIES) -> None:
        """Write entries, each in a transaction of its own: together more than the log holds."""
        for _ in range(count):
            await database.write(insert)


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO entries VALUES (?)", ("x" * 400,))


def write_all(connection: sqlite3.Connection) -> None:
    for _ in range(ENTRIES):
        insert(connection)
        connection.commit()


def count(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return int(found)


@pytest.fixture
async def disk(mount: Path) -> SmallDisk:
    reserve = Reserve(mount / "data" / "reserve")
    volumes = BtrfsVolumes(mount, reserve)
    await volumes.ensure_roots()
    for path in (PHOTOS, FILLING, INSTALLED):
        await volumes.create(path, 0)
    (volumes.location(PHOTOS) / "photo").write_bytes(b"old")
    await volumes.snapshot(PHOTOS, BEFORE)
    (volumes.location(PHOTOS) / "photo").write_bytes(b"new")
    reserve.make()
    return SmallDisk(mount, volumes, reserve)


@pytest.mark.parametrize("fill", [fill_with_content, fill_with_names])
async def test_the_database_goes_on_through_restarts_too(disk: SmallDisk, fill: Fill) -> None:
    async with Database.open(disk.file, SCHEMA, disk.footing) as database:
        disk.fill(fill)
        await disk.write(database)
    async with Database.open(disk.file, SCHEMA, disk.footing) as database:
        await disk.write(database)
        assert await database.read(count) == 2 * ENTRIES


async def test_the_database_cannot_write_on_a_full_disk_without_its_footing(disk: SmallDisk) -> None:
    """What the test above proves is no merit of the disk."""
    connection = sqlite3.connect(f"{disk.file.parent.parent.as_uri()}/plain.db?vfs=unix-excl", uri=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE entries (text TEXT)")
    disk.fill(fill_with_content)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        write_all(connection)
    connection.close()


async def test_used_footing_of_the_database_is_made_good(disk: SmallDisk) -> None:
    async with Database.open(disk.file, SCHEMA, disk.footing) as database:
        await disk.write(database, 3 * ENTRIES)
        await database.keep_free()
        free = await database.read(lambda connection: connection.execute("PRAGMA freelist_count").fetchone()[0])
    assert free * 4096 >= DATABASE_RESERVE_BYTES // 2


@pytest.mark.parametrize("fill", [fill_with_content, fill_with_names])
async def test_volumes_go_back_are_kept_and_are_deleted(disk: SmallDisk, fill: Fill) -> None:
    disk.fill(fill)
    if fill is fill_with_names:
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            (disk.mount / "directory").mkdir()
    assert not disk.reserve.is_short
    await disk.volumes.restore(PHOTOS, BEFORE, 0)
    if fill is fill_with_names:
        assert (await disk.volumes.usage()).available == 0
    assert (disk.volumes.location(PHOTOS) / "photo").read_bytes() == b"old"
    (disk.volumes.location(PHOTOS) / "photo").unlink()
    again = PathRestore(disk.volumes, PHOTOS, InnerPath.parse("photo"), 0)
    await again.prepare(BEFORE)
    await again.swap()
    await again.clear()
    assert (disk.volumes.location(PHOTOS) / "photo").read_bytes() == b"old"
    await disk.volumes.rename(INSTALLED, UNINSTALLED)
    await disk.volumes.delete(FILLING)
    assert [volume.path for volume in await disk.volumes.list()] == [UNINSTALLED, PHOTOS]

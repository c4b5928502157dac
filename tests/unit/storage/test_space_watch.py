"""The audit log tells when the disk or a volume gets full, and when it no longer is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from townos.audit.log import AuditEntry, AuditLog, AuditQuery, AuditRow
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.limits import SPACE_WATCH_INTERVAL_SECONDS
from townos.storage.paths import VolumePath
from townos.storage.space.watch import ACTION, SpaceWatch
from townos.storage.volumes import DiskUsage, Volume
from townos.testing.clock import FakeClock
from townos.testing.space import FakeDisk, filled

PHOTOS = VolumePath.user("photos")
DATA = VolumePath.user("data")


@dataclass(slots=True)
class WatchedDisk:
    """A disk with volumes, which a test fills, and the audit log."""

    audit: AuditLog
    clock: FakeClock = field(default_factory=FakeClock)
    disk: FakeDisk = field(default_factory=lambda: FakeDisk(filled(0, 1000)))
    volumes: list[Volume] = field(default_factory=list)
    looks: int = 0
    counts: int = 0
    watch: SpaceWatch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Watch as a new process does."""
        self.watch = SpaceWatch(self, self.disk.settings, self.audit, self.clock)

    async def usage(self) -> DiskUsage:
        self.looks += 1
        return self.disk.usage

    async def count_again(self) -> None:
        self.counts += 1

    async def filled(self, *used: int) -> None:
        """Let the watch look each time that so much is used."""
        for one in used:
            self.disk.usage = filled(one, 1000)
            await self.watch.look()

    async def rows(self) -> list[AuditRow]:
        """Return what was written, oldest first."""
        return list((await self.audit.query(AuditQuery())).rows[::-1])

    async def told(self) -> list[tuple[str, str]]:
        """Return of what was told what."""
        return [(row.path, msgspec.json.decode(row.detail)["space"]) for row in await self.rows()]

    async def list(self) -> list[Volume]:
        return self.volumes


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[WatchedDisk]:
    async with Database.open(tmp_path / "db", MIGRATIONS) as database:
        yield WatchedDisk(AuditLog(database, FakeClock()))


async def test_each_crossing_of_a_threshold_is_told_once(watched: WatchedDisk) -> None:
    await watched.filled(849, 850, 900, 949, 950, 1000, 900, 100, 0)
    assert await watched.told() == [("disk", "low"), ("disk", "full"), ("disk", "low"), ("disk", "ok")]


async def test_an_entry_has_the_numbers_and_only_a_full_disk_is_an_error(watched: WatchedDisk) -> None:
    await watched.filled(860, 955)
    low, full = await watched.rows()
    assert (low.account, low.action, low.path, low.success, low.error) == ("", "watch space", "disk", True, "")
    assert low.detail == '{"space":"low","used":860,"total":1000}'
    assert (full.success, full.error) == (False, "disk is full: 955 bytes of 1000 bytes are used")


async def test_a_volume_is_judged_by_its_quota_and_one_without_never(watched: WatchedDisk) -> None:
    watched.volumes = [Volume(DATA, 0, 10**12), Volume(PHOTOS, 100, 85)]
    await watched.watch.look()
    watched.volumes = [Volume(PHOTOS, 100, 95)]
    await watched.watch.look()
    assert await watched.told() == [("user/photos", "low"), ("user/photos", "full")]


async def test_a_volume_that_is_gone_is_not_told_of(watched: WatchedDisk) -> None:
    watched.volumes = [Volume(PHOTOS, 100, 95)]
    await watched.watch.look()
    watched.volumes = []
    await watched.watch.look()
    assert await watched.told() == [("user/photos", "full")]


async def test_use_that_varies_around_a_threshold_is_reported_once(watched: WatchedDisk) -> None:
    await watched.filled(850, 849, 850, 841, 850)
    assert await watched.told() == [("disk", "low")]
    await watched.filled(839)
    assert await watched.told() == [("disk", "low"), ("disk", "ok")]


async def test_a_disk_whose_metadata_have_no_space_left_is_full(watched: WatchedDisk) -> None:
    watched.disk.usage = DiskUsage(total=1000, used=100, available=0)
    await watched.watch.look()
    assert await watched.told() == [("disk", "full")]


async def test_a_restart_reports_only_changes(watched: WatchedDisk) -> None:
    await watched.filled(960)
    watched.restart()
    await watched.filled(960)
    watched.restart()
    await watched.filled(10)
    assert await watched.told() == [("disk", "full"), ("disk", "ok")]


@pytest.mark.parametrize(
    ("usage", "refilled"), [(filled(940, 1000), 1), (DiskUsage(1000, 940, 0), 1), (filled(960, 1000), 0)]
)
async def test_the_reserve_is_restored_while_few_enough_bytes_are_used(
    watched: WatchedDisk, usage: DiskUsage, refilled: int
) -> None:
    calls = []

    async def refill() -> None:
        calls.append(1)

    watched.disk.usage = usage
    await SpaceWatch(watched, watched.disk.settings, watched.audit, watched.clock, [refill]).look()
    assert len(calls) == refilled


@pytest.mark.parametrize(("usage", "counts"), [(filled(960, 1000), 1), (DiskUsage(0, 0, 0), 0)])
async def test_a_check_lets_the_disk_count_again_where_it_lost_count(
    watched: WatchedDisk, usage: DiskUsage, counts: int
) -> None:
    watched.disk.usage = usage
    await watched.watch.look()
    assert watched.counts == counts


async def test_no_disk_is_nothing_to_tell(watched: WatchedDisk) -> None:
    watched.disk.usage = DiskUsage(0, 0, 0)
    await watched.watch.look()
    assert await watched.rows() == []


async def test_an_entry_that_cannot_be_read_counts_as_none(
    watched: WatchedDisk, caplog: pytest.LogCaptureFixture
) -> None:
    await watched.audit.record(AuditEntry("", ACTION, "disk", "…", success=True))
    await watched.filled(960)
    assert msgspec.json.decode((await watched.rows())[-1].detail)["space"] == "full"
    assert "does not tell how full disk was" in caplog.text


async def test_space_is_checked_at_once_and_every_minute(watched: WatchedDisk) -> None:
    watched.disk.usage = DiskUsage(0, 0, 0)
    async with trio.open_nursery() as nursery:
        await watched.watch.look()
        nursery.start_soon(watched.watch.serve)
        await wait_all_tasks_blocked()
        assert watched.looks == 4
        watched.clock.advance(SPACE_WATCH_INTERVAL_SECONDS - 1)
        await wait_all_tasks_blocked()
        assert watched.looks == 4
        watched.clock.advance(1)
        await wait_all_tasks_blocked()
        assert watched.looks == 6
        nursery.cancel_scope.cancel()

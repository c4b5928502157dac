"""Volumes go back where they came from, wherever a power cut has stopped them."""

from pathlib import Path

import pytest

from townos.installations.planning.plans import MovedVolume, Origin, PlannedVolume
from townos.installations.steps.moving import roll_back_keep, roll_back_relocation
from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.testing.volumes import FakeVolumes

OLD, NEW = (PackageId.parse("core", "web", version) for version in ("1.0", "1.1"))
DATA = VolumeName.parse("data")
SOURCE, MOVED, KEPT = (
    VolumePath.installed(OLD, DATA),
    VolumePath.installed(NEW, DATA),
    VolumePath.uninstalled(OLD, DATA),
)
SNAPSHOT = SnapshotId.parse("20261124T184500.000000Z-upgrade")
PLANNED = PlannedVolume(DATA, 7, Origin.MIGRATED, source=str(SOURCE), previous_quota=5, snapshot=str(SNAPSHOT))


@pytest.fixture
def volumes(tmp_path: Path) -> FakeVolumes:
    volumes = FakeVolumes(tmp_path)
    volumes.roots_made = True
    return volumes


async def left_behind(volumes: FakeVolumes, place: VolumePath) -> None:
    """Leave the volume at its source, and its snapshot where it was: a power cut came between."""
    (volumes.add(place) / "file").write_text("good")
    await volumes.snapshot(place, SNAPSHOT)
    volumes.clear(place)
    (volumes.add(SOURCE) / "file").write_text("spoiled")


async def test_a_volume_that_is_back_without_its_snapshots_is_restored_all_the_same(volumes: FakeVolumes) -> None:
    await left_behind(volumes, MOVED)
    await roll_back_relocation(volumes, MOVED, PLANNED)
    assert (volumes.location(SOURCE) / "file").read_text() == "good"
    assert volumes.quotas == {SOURCE: 5}
    assert not await volumes.snapshots(MOVED)


async def test_a_volume_that_is_kept_no_more_has_its_snapshots_again(volumes: FakeVolumes) -> None:
    await left_behind(volumes, KEPT)
    await roll_back_keep(volumes, OLD, MovedVolume(DATA))
    assert [snapshot.id for snapshot in await volumes.snapshots(SOURCE)] == [SNAPSHOT]
    assert not await volumes.snapshots(KEPT)


async def test_a_rollback_moves_no_volume_over_another(volumes: FakeVolumes) -> None:
    (volumes.add(MOVED) / "file").write_text("another's")
    (volumes.add(SOURCE) / "file").write_text("good")
    await roll_back_relocation(volumes, MOVED, PLANNED)
    assert [(volumes.location(path) / "file").read_text() for path in (SOURCE, MOVED)] == ["good", "another's"]

"""What has returned survives a power cut: the disk is looked at as it would be if the power went at that moment."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.btrfs import after_power_cut
from townos.names import InnerPath
from townos.storage.btrfs import moves
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason

pytestmark = pytest.mark.bed

OLD, NEW = VolumePath.user("old"), VolumePath.user("new")
BEFORE, LATER = (SnapshotId.make(datetime(2026, 11, 24, hour, tzinfo=UTC), SnapshotReason.USER) for hour in (1, 2))
QUOTA = 10 * 1024**2


async def staged(volumes: BtrfsVolumes) -> None:
    async with volumes.staged(NEW, QUOTA) as directory:
        (directory / "text").write_text("seeded")


CHANGES: dict[str, Callable[[BtrfsVolumes], Awaitable[object]]] = {
    "create": lambda volumes: volumes.create(NEW, QUOTA),
    "set quota": lambda volumes: volumes.set_quota(OLD, 2 * QUOTA),
    "staged": staged,
    "add file": lambda volumes: volumes.add_file(OLD, InnerPath.parse("etc/conf"), b"port=80", None),
    "snapshot": lambda volumes: volumes.snapshot(OLD, LATER),
    "delete snapshot": lambda volumes: volumes.delete_snapshot(OLD, BEFORE),
    "restore": lambda volumes: volumes.restore(OLD, BEFORE, 2 * QUOTA),
    "move_to_snapshots": lambda volumes: volumes.move_to_snapshots(OLD, LATER),
    "copy": lambda volumes: volumes.copy(OLD, NEW, QUOTA),
    "rename": lambda volumes: volumes.rename(OLD, NEW),
    "delete": lambda volumes: volumes.delete(OLD),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_completed_call_survives_a_power_cut(mount: Path, change: str) -> None:
    volumes = BtrfsVolumes(mount)
    await volumes.ensure_roots()
    await volumes.create(OLD, QUOTA)
    (volumes.location(OLD) / "text").write_text("before")
    await volumes.snapshot(OLD, BEFORE)
    (volumes.location(OLD) / "text").write_text("now")
    before = await state(mount)
    await CHANGES[change](volumes)
    expected = await state(mount)
    assert expected != before
    with after_power_cut(mount) as cut:
        await BtrfsVolumes(cut).ensure_roots()  # as at the next start
        found = await state(cut)
    if change == "set quota":  # the program's text was not this change's to write
        assert found["quotas"] == expected["quotas"]
    else:
        assert found == expected


async def test_a_staged_volume_has_its_content_before_its_place(mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk: list[str] = []
    replace = moves.replace

    def look_and_replace(top: int, *, staged: tuple[str, ...], path: VolumePath, only_empty: bool) -> None:
        with after_power_cut(mount) as cut:
            on_disk.append(cut.joinpath(*staged, "text").read_text())
        replace(top, staged, path, only_empty=only_empty)

    monkeypatch.setattr(moves, "replace", look_and_replace)
    volumes = BtrfsVolumes(mount)
    await volumes.ensure_roots()
    await staged(volumes)
    assert on_disk == ["seeded"]


async def state(mount: Path) -> dict[str, object]:
    """Return the quotas of all volumes, and the texts of all files, those in snapshots too."""
    quotas = {str(volume.path): volume.quota for volume in await BtrfsVolumes(mount).list()}
    texts = {str(path.relative_to(mount)): path.read_text() for path in mount.rglob("*") if path.is_file()}
    return {"quotas": quotas, "texts": texts}

"""Changes of volumes that are killed or cancelled between any two of their steps, and then done again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
import trio

from tests.support.btrfs import nest
from townos.errors import Conflict
from townos.names import InnerPath
from townos.posix.process import Completed
from townos.storage.btrfs.disk import Disk
from townos.storage.btrfs.snapshots import BtrfsSnapshots
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason

pytestmark = pytest.mark.bed
T = TypeVar("T")

ONE, TWO, THREE = (
    SnapshotId.make(datetime(2026, 11, 24, hour, tzinfo=UTC), SnapshotReason.UPGRADE) for hour in (1, 2, 3)
)
STEPS_MAX = 100
QUOTA = 10 * 1024**2


class Killed(BaseException):
    """The process is dead: nothing that it still does has an effect."""


class Mortal(Disk):
    """A disk whose process is killed, or whose task is cancelled, when it takes a certain step."""

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self.left = steps
        self.scope: trio.CancelScope | None = None

    async def look(self, work: Callable[[int], T]) -> T:
        self._step()
        return await super().look(work)

    async def _btrfs(self, *arguments: str, check: bool = True) -> Completed:
        self._step()
        return await super()._btrfs(*arguments, check=check)

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0 and self.scope is None:
            raise Killed
        if self.left < 0 and self.scope is not None:
            self.scope.cancel()


class MortalVolumes(BtrfsVolumes):
    """Volumes on such a disk."""

    def __init__(self, disk: Mortal) -> None:
        BtrfsSnapshots.__init__(self, disk)


class Scene:
    """A volume `old` with two snapshots, one `new` that was shelved, and what is done with them."""

    def __init__(self, mount: Path, number: int) -> None:
        self.mount = mount
        self.old = VolumePath.user(f"{number}/old")
        self.new = VolumePath.user(f"{number}/new")

    async def prepare(self, volumes: BtrfsVolumes) -> None:
        await volumes.create(self.new, 0)
        (volumes.location(self.new) / "text").write_text("shelved")
        await volumes.move_to_snapshots(self.new, THREE)
        await volumes.create(self.old, QUOTA)
        for identifier in (ONE, TWO):
            (volumes.location(self.old) / "text").write_text(str(identifier))
            await volumes.snapshot(self.old, identifier)
        (volumes.location(self.old) / "text").write_text("now")
        nest(volumes.location(self.old), "nested")

    async def state(self, volumes: BtrfsVolumes) -> dict[str, object]:
        """Return all that can be told of both."""
        told: dict[str, object] = {}
        for name, path in (("old", self.old), ("new", self.new)):
            told[f"snapshots of {name}"] = [
                (found.id, self.text("snapshots", path, found.id)) for found in await volumes.snapshots(path)
            ]
            if await volumes.exists(path):
                told[name] = ((await volumes.get(path)).quota, self.text(path))
        return told

    def text(self, *parts: object) -> str:
        return self.mount.joinpath(*map(str, parts), "text").read_text()


Change = Callable[[BtrfsVolumes, Scene], Awaitable[object]]


async def copied(volumes: BtrfsVolumes, scene: Scene) -> None:
    try:
        await volumes.copy(scene.old, scene.new, QUOTA)
    except Conflict:  # it was whole before the end
        assert await volumes.exists(scene.new)


async def staged(volumes: BtrfsVolumes, scene: Scene) -> None:
    try:
        async with volumes.staged(scene.new, QUOTA) as directory:
            (directory / "text").write_text("seeded")
    except Conflict:
        assert await volumes.exists(scene.new)


CHANGES: dict[str, Change] = {
    "snapshot": lambda volumes, scene: volumes.snapshot(scene.old, THREE),
    "delete snapshot": lambda volumes, scene: volumes.delete_snapshot(scene.old, ONE),
    "prune": lambda volumes, scene: volumes.prune(scene.old, 0),
    "restore": lambda volumes, scene: volumes.restore(scene.old, ONE, 2 * QUOTA),
    "restore what is gone": lambda volumes, scene: volumes.restore(scene.new, THREE, QUOTA),
    "move_to_snapshots": lambda volumes, scene: volumes.move_to_snapshots(scene.old, THREE),
    "rename": lambda volumes, scene: volumes.rename(scene.old, scene.new),
    "delete": lambda volumes, scene: volumes.delete(scene.old),
    "ensure": lambda volumes, scene: volumes.ensure(scene.old, 2 * QUOTA),
    "copy": copied,
    "staged": staged,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("end", ["killed", "cancelled"])
async def test_done_again_it_gives_the_same(mount: Path, change: str, end: str) -> None:
    sound = BtrfsVolumes(mount)
    await sound.ensure_roots()
    undisturbed = Scene(mount, STEPS_MAX)
    await undisturbed.prepare(sound)
    await CHANGES[change](sound, undisturbed)
    expected = await undisturbed.state(sound)
    for steps in range(1, STEPS_MAX):
        scene = Scene(mount, steps)
        await scene.prepare(sound)
        done = await interrupted(Mortal(mount, steps), scene, change, end)
        assert end == "killed" or unfinished(mount) == []
        restarted = BtrfsVolumes(mount)
        await restarted.ensure_roots()
        assert unfinished(mount) == []
        await CHANGES[change](restarted, scene)
        assert await scene.state(restarted) == expected
        if done:
            return
    raise AssertionError("it never ended")


async def interrupted(disk: Mortal, scene: Scene, change: str, end: str) -> bool:
    """Begin a change that has only so many steps to live; return True if these were enough."""
    if end == "killed":
        try:
            await CHANGES[change](MortalVolumes(disk), scene)
        except Killed:
            return False
        return True
    with trio.CancelScope() as scope:
        disk.scope = scope
        await CHANGES[change](MortalVolumes(disk), scene)
    return disk.left >= 0


def unfinished(mount: Path) -> list[Path]:
    return list((mount / "snapshots").glob(".staging/*"))


async def test_a_file_is_added_whole_or_not_at_all(mount: Path) -> None:
    for steps in range(2):
        volume = VolumePath.user(str(steps))
        sound = BtrfsVolumes(mount)
        await sound.ensure_roots()
        await sound.create(volume, 0)
        path = InnerPath.parse("a/b")
        try:
            added = await MortalVolumes(Mortal(mount, steps)).add_file(volume, path, b"whole", None)
        except Killed:
            added = False
        assert await sound.add_file(volume, path, b"whole", None) is not added
        assert (sound.location(volume) / "a/b").read_bytes() == b"whole"

"""Volumes as plain directories: what is in them is real, their quotas and the disk's fullness are made up."""

import os
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from townos.errors import Conflict, Invalid, NoSpace, NotFound, Unavailable
from townos.i18n import Bytes
from townos.names import InnerPath
from townos.posix.files import opened_directory
from townos.posix.no_space import is_disk_full
from townos.storage.btrfs.directories import told
from townos.storage.btrfs.new_files import add_file
from townos.storage.paths import SNAPSHOTS, Area, VolumePath
from townos.storage.snapshots import Snapshot, SnapshotId, excess_snapshots
from townos.storage.volumes import DiskUsage, Owner, Scratch, Volume

T = TypeVar("T")

_GIBIBYTE = 1024**3
_SCRATCH = ".staged-"


class FakeSnapshots:
    """The half of `FakeVolumes` that has to do with snapshots."""

    def __init__(self, root: Path) -> None:
        self.mounted = True
        self.roots_made = False
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)
        self.quotas: dict[VolumePath, int] = {}
        """The volumes that are there; look, and change it by `add` and `clear`."""
        self._root = root

    def location(self, path: VolumePath) -> Path:
        return self._root.joinpath(*path.parts)

    def add(self, path: VolumePath, quota: int = 0) -> Path:
        """Make a volume for a test, or change its quota; return its directory."""
        self.quotas[path] = quota
        self.location(path).mkdir(parents=True, exist_ok=True)
        return self.location(path)

    async def snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        self._begin("snapshot")
        target = self._snapshot(volume, identifier)
        if not target.exists():
            self._check_there(volume)
            _copy(self.location(volume), target)

    async def snapshots(self, volume: VolumePath) -> list[Snapshot]:
        self._begin("snapshots")
        directory = self._snapshots(volume)
        names = [path.name for path in directory.iterdir()] if directory.exists() else []
        found = sorted(SnapshotId.among(names), reverse=True)
        return [Snapshot(one, _size(directory / str(one)), 0) for one in found]

    async def delete_snapshot(self, volume: VolumePath, identifier: SnapshotId) -> None:
        self._begin("delete_snapshot")
        if self._snapshot(volume, identifier).exists():
            self._remove(self._snapshot(volume, identifier))

    def snapshot_location(self, volume: VolumePath, identifier: SnapshotId) -> Path:
        return self._snapshot(volume, identifier)

    async def prune(self, volume: VolumePath, keep: int, *, protected: Collection[SnapshotId] = ()) -> None:
        self._begin("prune")
        for old in excess_snapshots(await self.snapshots(volume), keep, protected):
            await self.delete_snapshot(volume, old)

    async def restore(self, volume: VolumePath, identifier: SnapshotId, quota: int) -> None:
        self._begin("restore")
        source = self._snapshot(volume, identifier)
        if not source.exists():
            raise NotFound("storage.snapshot_not_found", told(volume.parts), identifier)
        if volume not in self.quotas:
            self._check_free(volume)
        shutil.rmtree(self.location(volume), ignore_errors=True)
        _copy(source, self.location(volume))
        self.quotas[volume] = quota

    async def move_to_snapshots(self, volume: VolumePath, identifier: SnapshotId) -> None:
        self._begin("move_to_snapshots")
        target = self._snapshot(volume, identifier)
        if volume in self.quotas and not target.exists():
            del self.quotas[volume]
            self._move(self.location(volume), target)

    async def copy(self, source: VolumePath, target: VolumePath, quota: int) -> None:
        self._begin("copy")
        self._check_there(source)
        self._check_free(target)
        _copy(self.location(source), self.location(target))
        self.quotas[target] = quota

    def _snapshots(self, volume: VolumePath) -> Path:
        return self._root.joinpath(SNAPSHOTS, *volume.parts)

    def _snapshot(self, volume: VolumePath, identifier: SnapshotId) -> Path:
        return self._snapshots(volume) / str(identifier)

    def _begin(self, call: str) -> None:
        if self.failures[call]:
            raise self.failures[call].pop(0)
        if not self.mounted:
            raise Unavailable("storage.no_btrfs", str(self._root))
        if not self.roots_made and call in {"create", "staged", "scratch"}:
            raise Unavailable("storage.no_root", "user")

    def _move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        self._remove_empty(source.parent)

    def _remove(self, directory: Path) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        self._remove_empty(directory.parent)

    def _remove_empty(self, directory: Path) -> None:
        """Remove directories that are empty now; the root names and volumes stay."""
        while (
            len(directory.relative_to(self._root).parts) > 1
            and not any(self.location(path) == directory for path in self.quotas)
            and not any(directory.iterdir())
        ):
            directory.rmdir()
            directory = directory.parent

    def _check_there(self, path: VolumePath) -> None:
        if path not in self.quotas:
            raise NotFound("storage.not_found", told(path.parts))

    def _check_free(self, path: VolumePath) -> None:
        for other in self.quotas:
            if other.parts[: len(path.parts)] == path.parts:
                raise Conflict("storage.exists", told(path.parts))
            if path.parts[: len(other.parts)] == other.parts:
                raise Conflict("storage.inside_volume", told(path.parts), told(other.parts))


class FakeVolumes(FakeSnapshots):
    """Behaves like `BtrfsVolumes`, in a directory of a test.

    `mounted = False` takes the disk away; `failures["create"]` fails the next calls.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._in_use: set[str] = set()
        self.has_reserve = False
        self.disk = DiskUsage(total=100 * _GIBIBYTE, used=10 * _GIBIBYTE, available=90 * _GIBIBYTE)

    def clear(self, *paths: VolumePath) -> None:
        """Take volumes away for a test, or all of them."""
        for path in paths or tuple(self.quotas):
            if self.quotas.pop(path, None) is not None:
                self._remove(self.location(path))

    async def ensure_roots(self, kept: Collection[str] = ()) -> None:
        self._begin("ensure_roots")
        self.roots_made = True
        for left in self._root.glob(f"{_SCRATCH}*"):
            if left.name not in kept and left.name not in self._in_use:
                shutil.rmtree(left)

    async def create(self, path: VolumePath, quota: int) -> None:
        self._begin("create")
        self._check_free(path)
        self.add(path, quota)

    async def ensure(self, path: VolumePath, quota: int) -> None:
        if path in self.quotas:
            await self.set_quota(path, quota)
        else:
            await self.create(path, quota)

    @asynccontextmanager
    async def staged(self, path: VolumePath, quota: int) -> AsyncIterator[Path]:
        self._begin("staged")
        async with self.scratch(quota) as scratch:
            yield scratch.path
            self._put(scratch.path, path, quota)

    @asynccontextmanager
    async def scratch(self, quota: int) -> AsyncIterator[Scratch]:
        self._begin("scratch")
        self._root.mkdir(parents=True, exist_ok=True)
        path = Path(mkdtemp(prefix=_SCRATCH, dir=self._root))
        self._in_use.add(path.name)
        scratch = Scratch(path.name, path)
        try:
            yield scratch
        finally:
            if not scratch.kept:
                await self.discard_scratch(scratch.name)

    def scratch_location(self, name: str) -> Path:
        if not name.startswith(_SCRATCH):
            raise Invalid("storage.invalid_name", name)
        return self._root / name

    async def discard_scratch(self, name: str) -> None:
        self._in_use.discard(name)
        shutil.rmtree(self.scratch_location(name), ignore_errors=True)

    @asynccontextmanager
    async def frozen(self, path: VolumePath) -> AsyncIterator[Path]:
        self._begin("frozen")
        self._check_there(path)
        async with self.scratch(0) as scratch:
            copy = scratch.path / "copy"
            _copy(self.location(path), copy)
            yield copy

    def _put(self, staged: Path, path: VolumePath, quota: int) -> None:
        if path not in self.quotas:
            self._check_free(path)
        elif any(self.location(path).iterdir()):
            raise Conflict("storage.not_empty", told(path.parts))
        staged.replace(self.add(path, quota))

    async def add_file(self, volume: VolumePath, path: InnerPath, content: bytes, owner: Owner | None) -> bool:
        self._begin("add_file")
        self._check_there(volume)
        quota = self.quotas[volume]
        if quota and _size(self.location(volume)) + len(content) > quota:
            raise NoSpace("storage.quota_reached", told(volume.parts), Bytes(quota))
        with opened_directory(self.location(volume)) as root:
            return add_file(root, volume, path, content, None if os.geteuid() else owner)

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        self._begin("set_quota")
        self._check_there(path)
        self.quotas[path] = quota

    async def delete(self, path: VolumePath) -> None:
        self._begin("delete")
        for snapshot in await self.snapshots(path):
            await self.delete_snapshot(path, snapshot.id)
        self.clear(path)

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        self._begin("rename")
        if old in self.quotas or new not in self.quotas:
            self._check_there(old)
            self._check_free(new)
            self.quotas[new] = self.quotas.pop(old)
            self._move(self.location(old), self.location(new))
        for snapshot in await self.snapshots(old):
            if not self._snapshot(new, snapshot.id).exists():
                self._move(self._snapshot(old, snapshot.id), self._snapshot(new, snapshot.id))
            await self.delete_snapshot(old, snapshot.id)

    async def commit(self) -> None:
        self._begin("commit")

    async def run_with_reserve(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except Exception as error:
            if not is_disk_full(error) or not self.has_reserve:
                raise
            self.has_reserve = False
            return await self.run_with_reserve(work)

    async def exists(self, path: VolumePath) -> bool:
        self._begin("exists")
        return path in self.quotas

    async def is_empty(self, path: VolumePath) -> bool:
        self._begin("is_empty")
        self._check_there(path)
        return not any(self.location(path).iterdir())

    async def get(self, path: VolumePath) -> Volume:
        self._begin("get")
        self._check_there(path)
        return self._seen(path)

    def _seen(self, path: VolumePath) -> Volume:
        used = _size(self.location(path))
        return Volume(path, self.quotas[path], used, used)

    async def list(self) -> list[Volume]:
        return [self._seen(path) for path in sorted(self.quotas)] if self.mounted else []

    async def count(self) -> Mapping[Area, int]:
        areas = [path.area for path in self.quotas] if self.mounted else []
        return {area: areas.count(area) for area in Area}

    async def count_again(self) -> None:
        self._begin("count_again")

    async def usage(self) -> DiskUsage:
        return self.disk if self.mounted else DiskUsage(0, 0, 0)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True)


def _size(directory: Path) -> int:
    return sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file() or path.is_symlink())

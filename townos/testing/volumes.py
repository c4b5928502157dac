"""Volumes in memory."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from townos.errors import Conflict, NotFound, Unavailable
from townos.storage.directories import told
from townos.storage.paths import Area, VolumePath
from townos.storage.volumes import DiskUsage, Volume

_GIBIBYTE = 1024**3


class FakeVolumes:
    """Behaves like `BtrfsVolumes`. `mounted = False` takes the disk away; `failures["create"]` fails the next calls."""

    def __init__(self, root: Path = Path("/town-os")) -> None:
        self.mounted = True
        self.roots_made = False
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)
        self.quotas: dict[VolumePath, int] = {}
        self.disk = DiskUsage(total=100 * _GIBIBYTE, used=10 * _GIBIBYTE, available=90 * _GIBIBYTE)
        self._root = root

    def location(self, path: VolumePath) -> Path:
        return self._root.joinpath(*path.parts)

    async def ensure_roots(self) -> None:
        self._begin("ensure_roots")
        self.roots_made = True

    async def create(self, path: VolumePath, quota: int) -> None:
        self._begin("create")
        self._check_free(path)
        self.quotas[path] = quota

    async def ensure(self, path: VolumePath, quota: int) -> None:
        if path in self.quotas:
            await self.set_quota(path, quota)
        else:
            await self.create(path, quota)

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        self._begin("set_quota")
        self._check_there(path)
        self.quotas[path] = quota

    async def delete(self, path: VolumePath) -> None:
        self._begin("delete")
        self.quotas.pop(path, None)

    async def rename(self, old: VolumePath, new: VolumePath) -> None:
        self._begin("rename")
        self._check_there(old)
        self._check_free(new)
        self.quotas[new] = self.quotas.pop(old)

    async def exists(self, path: VolumePath) -> bool:
        self._begin("exists")
        return path in self.quotas

    async def get(self, path: VolumePath) -> Volume:
        self._begin("get")
        self._check_there(path)
        return Volume(path, self.quotas[path])

    async def list(self) -> list[Volume]:
        return [Volume(path, quota) for path, quota in sorted(self.quotas.items())] if self.mounted else []

    async def count(self) -> Mapping[Area, int]:
        areas = [path.area for path in self.quotas] if self.mounted else []
        return {area: areas.count(area) for area in Area}

    async def usage(self) -> DiskUsage:
        return self.disk if self.mounted else DiskUsage(0, 0, 0)

    def _begin(self, call: str) -> None:
        if self.failures[call]:
            raise self.failures[call].pop(0)
        if not self.mounted:
            raise Unavailable("storage.no_btrfs", str(self._root))
        if not self.roots_made and call == "create":
            raise Unavailable("storage.no_root", "user")

    def _check_there(self, path: VolumePath) -> None:
        if path not in self.quotas:
            raise NotFound("storage.not_found", told(path))

    def _check_free(self, path: VolumePath) -> None:
        for other in self.quotas:
            if other.parts[: len(path.parts)] == path.parts:
                raise Conflict("storage.exists", told(path))
            if path.parts[: len(other.parts)] == other.parts:
                raise Conflict("storage.inside_volume", told(path), told(other))

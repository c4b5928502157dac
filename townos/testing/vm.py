"""Disk images in memory."""

from collections import defaultdict
from pathlib import Path

import trio

from townos.errors import Conflict, Foreign, NotFound
from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl
from townos.storage.snapshots import SnapshotId
from townos.vm.images import Progress, VmImage


class FakeVmImages:
    """Behaves like `DiskVmImages`. `internet` tells which addresses there are, and how large their disks are.

    `failures["fetch"]` fails the next calls; `gate`, if set, holds a download until it is opened, and `fetching` tells
    that it has begun.
    """

    def __init__(self, internet: dict[str, int] | None = None, root: Path = Path("/town-os/vm-images")) -> None:
        self.internet = internet or {}
        self.root = root
        self.images: dict[VmImageName, int] = {}
        self.origins: dict[VmImageName, str] = {}
        self.snapshots: dict[tuple[VmImageName, SnapshotId], int] = {}
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)
        self.fetches: list[str] = []
        self.fetching = trio.Event()
        self.gate: trio.Event | None = None
        self._busy: set[VmImageName] = set()

    async def list(self) -> list[VmImage]:
        await self._begin("list")
        return [VmImage(name, size, self.origins.get(name, "")) for name, size in sorted(self.images.items())]

    async def exists(self, name: VmImageName) -> bool:
        await self._begin("exists")
        return name in self.images

    def location(self, name: VmImageName) -> Path:
        return self.root / name

    async def fetch(self, url: ImageUrl, name: VmImageName, progress: Progress | None = None) -> None:
        await self._begin("fetch")
        self._refuse_busy(name)
        if name in self.images:
            if self.origins.get(name, str(url)) != str(url):
                raise Conflict("vm.from_elsewhere", name)
            return
        self._busy.add(name)
        try:
            await self._download(url, name, progress)
        finally:
            self._busy.remove(name)

    async def snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        await self._begin("snapshot")
        if name not in self.images:
            raise NotFound("vm.image_missing", name)
        self.snapshots.setdefault((name, identifier), self.images[name])

    async def restore(self, name: VmImageName, identifier: SnapshotId) -> None:
        await self._begin("restore")
        self.images[name] = self.snapshots.pop((name, identifier), self.images[name])

    async def delete_snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        await self._begin("delete_snapshot")
        self.snapshots.pop((name, identifier), None)

    async def serve(self) -> None:
        await trio.sleep_forever()

    async def remove(self, name: VmImageName) -> None:
        await self._begin("remove")
        self._refuse_busy(name)
        if name not in self.images:
            raise NotFound("vm.image_missing", name)
        del self.images[name]
        self.origins.pop(name, None)

    async def _download(self, url: ImageUrl, name: VmImageName, progress: Progress | None) -> None:
        self.fetches.append(str(url))
        self.fetching.set()
        if self.gate is not None:
            await self.gate.wait()
        if str(url) not in self.internet:
            raise Foreign("vm.download_status", url.place, 404)
        size = self.internet[str(url)]
        for done in (0, size // 2, size):
            await trio.lowlevel.checkpoint()
            if progress is not None:
                progress(done, size)
        self.images[name] = size
        self.origins[name] = str(url)

    def _refuse_busy(self, name: VmImageName) -> None:
        if name in self._busy:
            raise Conflict("vm.being_fetched", name)

    async def _begin(self, call: str) -> None:
        await trio.lowlevel.checkpoint()
        if self.failures[call]:
            raise self.failures[call].pop(0)

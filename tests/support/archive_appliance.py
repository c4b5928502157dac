"""The routes of archives with real programs, on volumes that are plain directories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import trio

from tests.support.http import ADMIN, Answer, AppClient
from townos.app.build import Appliance
from townos.app.http import all_routes
from townos.installations.subjects import subject_of
from townos.names import PackageId, UnitName, VolumeName
from townos.operations import Operations
from townos.storage.archives.downloads import Downloads
from townos.storage.archives.uploads import Uploads
from townos.storage.paths import VolumePath
from townos.testing import appliance as testing_appliance
from townos.testing.clock import FakeClock
from townos.testing.host import FakeHost
from townos.testing.operations import Script
from townos.testing.systemd import FINE, FakeSystemd
from townos.testing.volumes import FakeVolumes

NGINX = PackageId.parse("core", "nginx", "1.0")
DATA = VolumePath.installed(NGINX, VolumeName.parse("data"))
PHOTOS = VolumePath.user("photos")
BOUNDARY = "----boundary"
FORM = {**ADMIN, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


SETTINGS = {
    "max_archive_size": "1000000",
    "max_archive_members": "100",
    "archive_unpack_timeout": "60",
    "snapshots_kept": "2",
}


class Hesitant(FakeSystemd):
    """Has stopped a unit only when the event `stopped` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.stopping = trio.Event()
        self.stopped = trio.Event()

    async def stop(self, unit: UnitName) -> None:
        await super().stop(unit)
        self.stopping.set()
        await self.stopped.wait()


@dataclass(frozen=True, slots=True)
class ArchiveAppliance:
    """An appliance with a user volume that has a photo, and a volume of a package whose service runs."""

    appliance: Appliance
    host: FakeHost
    client: AppClient

    @property
    def volumes(self) -> FakeVolumes:
        return self.host.volumes

    @property
    def systemd(self) -> FakeSystemd:
        return self.host.systemd

    @property
    def clock(self) -> FakeClock:
        return self.host.clock

    @property
    def operations(self) -> Operations:
        return self.appliance.core.operations

    @property
    def uploads(self) -> Uploads:
        return self.appliance.storage.uploads

    @property
    def downloads(self) -> Downloads:
        return self.appliance.storage.downloads

    def files(self, volume: VolumePath = PHOTOS) -> dict[str, bytes]:
        root = self.volumes.location(volume)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Let operations run for the time of a block."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self.operations.serve)
            yield
            nursery.cancel_scope.cancel()

    def staged(self) -> list[Path]:
        """Return what is set aside at the moment."""
        return list(self.volumes.location(PHOTOS).parent.parent.glob(".staged-*"))

    async def work_on(
        self, package: PackageId, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Let another operation work on a package for ever."""
        script = Script("work", kind="upgrade")
        script.gates["work"] = trio.Event()
        self.operations.register(script.kind)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.operations.run, "upgrade", subject_of(package), {})
            await script.begun.wait()
            task_status.started()

    async def upload(self, content: bytes, name: str = "a.tar", **fields: str) -> Answer:
        return await self.client.post(
            "/storage/upload-archive", form({"subvolume": "photos", **fields}, name, content), FORM
        )

    async def download(self, **body: object) -> Answer:
        return await self.client.post("/storage/download-archive", {"subvolume": "photos", **body}, ADMIN)


def form(fields: dict[str, str], name: str | None, content: bytes) -> bytes:
    """Return a form as browsers send it, with the file last; without a name there is no file."""
    parts = [_part(f'name="{key}"', value.encode()) for key, value in fields.items()]
    if name is not None:
        parts.append(_part(f'name="archive"; filename="{name}"', content))
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _part(disposition: str, content: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"


@asynccontextmanager
async def open_appliance(
    path: Path, *, crash: str = "", systemd: FakeSystemd | None = None, starts: bool = True
) -> AsyncIterator[ArchiveAppliance]:
    """Open an appliance whose volumes are below a path, the second time what is left of the first.

    `starts` tells whether operations run.
    """
    host = FakeHost(path)
    host.systemd = systemd or host.systemd
    async with testing_appliance.open_appliance(host, crash=crash) as opened:
        for key, value in SETTINGS.items():
            await opened.settings.set(key, value)
        made = ArchiveAppliance(opened.appliance, host, AppClient(all_routes(opened.appliance)))
        await _fill(made)
        async with made.serving() if starts else nullcontext():
            yield made


async def _fill(made: ArchiveAppliance) -> None:
    volumes, systemd = made.volumes, made.systemd
    volumes.quotas |= {PHOTOS: 5_000_000, DATA: 0}
    if not volumes.location(PHOTOS).exists():
        (volumes.add(PHOTOS, 5_000_000) / "old.jpg").write_bytes(b"old")
        (volumes.add(DATA) / "index.html").write_bytes(b"hello")
        systemd.behaviours[NGINX.unit] = FINE
        await systemd.start(NGINX.unit)
        systemd.calls.clear()

"""The routes of archives with real programs, on volumes that are plain directories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import trio

from tests.support.http import ADMIN, Answer, House
from townos.api.routes.archives import routes
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.installations.services import UnitServices
from townos.names import PackageId, UnitName, VolumeName
from townos.operations import CrashPoint, Operations
from townos.storage.archives.downloads import Downloads
from townos.storage.archives.uploads import Uploads
from townos.storage.paths import VolumePath
from townos.storage.space.guard import SpaceGuard
from townos.testing.clock import FakeClock
from townos.testing.operations import Script, die
from townos.testing.systemd import FINE, FakeSystemd
from townos.testing.volumes import FakeVolumes

NGINX = PackageId.parse("core", "nginx", "1.0")
DATA = VolumePath.installed(NGINX, VolumeName.parse("data"))
PHOTOS = VolumePath.user("photos")
BOUNDARY = "----boundary"
FORM = {**ADMIN, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass(slots=True)
class Limits:
    """The settings that count here."""

    numbers: dict[str, int] = field(
        default_factory=lambda: {
            "max_archive_size": 1_000_000,
            "max_archive_members": 100,
            "archive_unpack_timeout": 60,
            "snapshots_kept": 2,
            "space_stop_percent": 95,
        }
    )

    async def bytes(self, key: str) -> int:
        return self.numbers[key]

    async def seconds(self, key: str) -> int:
        return self.numbers[key]

    async def integer(self, key: str) -> int:
        return self.numbers[key]


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


@dataclass(slots=True)
class Town:
    """A user volume with a photo, a volume of a package whose service runs, and the routes."""

    volumes: FakeVolumes
    operations: Operations
    systemd: FakeSystemd
    limits: Limits = field(default_factory=Limits)
    clock: FakeClock = field(default_factory=FakeClock)
    uploads: Uploads = field(init=False)
    downloads: Downloads = field(init=False)
    house: House = field(init=False)

    def __post_init__(self) -> None:
        services = UnitServices(self.systemd)
        space = SpaceGuard(self.volumes.usage, self.limits)
        self.uploads = Uploads(self.volumes, services, self.limits, self.clock, self.operations, space=space)
        self.downloads = Downloads(self.volumes, services)
        self.house = House(routes(self.uploads, self.downloads))

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
            nursery.start_soon(self.operations.run, "upgrade", package, {})
            await script.begun.wait()
            task_status.started()

    async def upload(self, content: bytes, name: str = "a.tar", **fields: str) -> Answer:
        return await self.house.post(
            "/storage/upload-archive", form({"subvolume": "photos", **fields}, name, content), FORM
        )

    async def download(self, **body: object) -> Answer:
        return await self.house.post("/storage/download-archive", {"subvolume": "photos", **body}, ADMIN)


def form(fields: dict[str, str], name: str | None, content: bytes) -> bytes:
    """Return a form as browsers send it, with the file last; without a name there is no file."""
    parts = [_part(f'name="{key}"', value.encode()) for key, value in fields.items()]
    if name is not None:
        parts.append(_part(f'name="archive"; filename="{name}"', content))
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _part(disposition: str, content: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"


@asynccontextmanager
async def open_town(
    path: Path, *, crash: str = "", systemd: FakeSystemd | None = None, starts: bool = True
) -> AsyncIterator[Town]:
    """Give a town whose volumes are below a path, the second time what is left of the first.

    `starts` tells whether operations run.
    """
    async with Database.open(path / "system.db", MIGRATIONS) as database:
        operations = Operations(database, FakeClock(), CrashPoint.parse_all(crash), die)
        town = Town(FakeVolumes(path / "town"), operations, systemd or FakeSystemd())
        await _inhabit(town)
        async with town.serving() if starts else nullcontext():
            yield town


async def _inhabit(town: Town) -> None:
    town.volumes.roots_made = True
    town.volumes.quotas |= {PHOTOS: 5_000_000, DATA: 0}
    if not town.volumes.location(PHOTOS).exists():
        (town.volumes.add(PHOTOS, 5_000_000) / "old.jpg").write_bytes(b"old")
        (town.volumes.add(DATA) / "index.html").write_bytes(b"hello")
        town.systemd.behaviours[NGINX.unit] = FINE
        await town.systemd.start(NGINX.unit)
        town.systemd.calls.clear()

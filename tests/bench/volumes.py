"""Two hundred volumes listed with their quotas and use, beside what btrfs-progs say of the same disk. Needs root."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trio

from tests.support.btrfs import mounted_btrfs
from tests.support.http import USER, AppClient
from townos.api.routes.storage import routes
from townos.names import PackageId, VolumeName
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId, SnapshotReason
from townos.storage.user_volumes import UserVolumes
from townos.testing.space import FakeDisk

VOLUMES: Final = 200
SNAPSHOTS_EACH: Final = 3
QUOTA: Final = 1024**3
ROUNDS: Final = 30
AIM_MILLISECONDS: Final = 50


def measure() -> None:
    """Print the median and the worst of some rounds, which take turns."""
    if os.geteuid():
        print("left out: only root mounts a disk and asks it for quota groups")
        return
    with (
        tempfile.TemporaryDirectory(prefix="townos-bench-volumes-") as directory,
        mounted_btrfs(Path(directory)) as disk,
    ):
        trio.run(_measure, disk)


async def _measure(disk: Path) -> None:
    volumes = BtrfsVolumes(disk)
    await _fill(volumes)
    client = AppClient(routes(UserVolumes(volumes, lambda _: None, space=FakeDisk().guard)))

    async def listed() -> None:
        answer = await client.post("/storage", {"limit": VOLUMES, "sort_by": "referenced"}, USER)
        assert [entry["quota"] for entry in answer.json["entries"]] == [QUOTA] * VOLUMES

    sides: dict[str, Callable[[], Awaitable[object]]] = {
        "POST /storage": listed,
        "btrfs qgroup show": lambda: _run("btrfs", "qgroup", "show", "--raw", "-r", str(disk)),
        "btrfs subvolume list": lambda: _run("btrfs", "subvolume", "list", str(disk)),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            taken[name].append(await _milliseconds(side))
    for name, times in taken.items():
        aim = f", aim under {AIM_MILLISECONDS} ms" if name == "POST /storage" else ""
        print(
            f"{name}: median {statistics.median(times):.1f} ms, worst of {ROUNDS} {max(times):.1f} ms{aim}", flush=True
        )


async def _fill(volumes: BtrfsVolumes) -> None:
    """Make volumes of packages and of people, all of them with a quota and with snapshots."""
    await volumes.ensure_roots()
    for number in range(VOLUMES):
        package = PackageId.parse("core", f"package-{number // 2}", "1.0")
        path = VolumePath.installed(package, VolumeName.parse("data")) if number % 2 else VolumePath.user(f"v-{number}")
        await volumes.create(path, QUOTA)
        for hour in range(SNAPSHOTS_EACH):
            taken = SnapshotId.make(datetime(2026, 11, 24, hour, tzinfo=UTC), SnapshotReason.USER)
            await volumes.snapshot(path, taken)


async def _milliseconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1_000


async def _run(*argv: str) -> None:
    await trio.to_thread.run_sync(lambda: subprocess.run(argv, check=True, capture_output=True))

"""A gigabyte into a volume and out of it, over HTTP, beside the bare pipelines of the same programs, on one btrfs.

Both sides have the same data and take turns, and both wait until what they write is on the disk. Ours has its client on
the same processors. Where others use the machine meanwhile the clock tells little, and the work of the processors more.
Needs root.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Final

from tests.bench.appliance import appliance
from tests.bench.processes import (
    administrator,
    ask,
    peak_megabytes,
    processor_seconds,
    reset_peak,
    resident_megabytes,
)
from tests.bench.transfers import Client
from tests.support.btrfs import mounted_btrfs
from townos.storage.archives.formats import MEDIA_TYPES, ArchiveFormat, compressor, decompressor

MEBIBYTE: Final = 1024 * 1024
DISK_BYTES: Final = 16 * 1024 * MEBIBYTE
LARGE_FILES: Final = 60
LARGE_FILE_MEBIBYTES: Final = 16
SMALL_FILES: Final = 15_000
SMALL_FILE_BYTES: Final = 4_000
ROUNDS: Final = 3
ROUNDS_OF_XZ: Final = 1  # packing a gigabyte takes minutes
BOOT_TIMEOUT_SECONDS: Final = 60
SPEED_AIM: Final = 0.85
GROWTH_AIM_MEGABYTES: Final = 64
SETTINGS: Final = {"max_archive_size": "4gb", "max_archive_members": "100000", "archive_unpack_timeout": "1h"}


@dataclass(slots=True)
class Side:
    """Seconds of the clock and of the processors that one side took in each round."""

    clock: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        spread = 100 * (max(self.clock) / min(self.clock) - 1)
        return f"{min(self.clock):.2f} s (+{spread:.0f} %), {min(self.processors):.2f} s of processors"


@dataclass(slots=True)
class Sides:
    """Both sides, and by how many megabytes the server grew at most."""

    ours: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)
    growth: float = 0

    def __str__(self) -> str:
        speed = min(self.bare.clock) / min(self.ours.clock)
        work = min(self.ours.processors) / min(self.bare.processors)
        return (
            f"{speed:.2f} of the bare pipeline's speed, aim {SPEED_AIM}, at {work:.2f} times its work;"
            f" memory grows by {self.growth:.1f} MB, aim under {GROWTH_AIM_MEGABYTES}\n"
            f"    ours {self.ours}\n    bare {self.bare}"
        )


@dataclass(frozen=True, slots=True)
class Disk:
    """A server with its disk, and a client."""

    root: Path
    server: int
    client: Client

    def make(self, name: str) -> Path:
        """Make a volume and return its directory."""
        ask(f"{self.client.url}/storage/create", {"name": name, "quota": 0}, self.client.token)
        return self.root / "user" / name

    def remove(self, name: str) -> None:
        """Remove a volume, and wait until the kernel has: it would do that while something else is measured."""
        ask(f"{self.client.url}/storage/remove", {"name": name}, self.client.token)
        subprocess.run(["btrfs", "subvolume", "sync", self.root], check=True, capture_output=True)

    def compare(self, ours: Callable[[], object], bare: Callable[[], object], sides: Sides) -> None:
        """Measure one round. Our work is also the client's, which is this process."""
        _measure(bare, lambda: _processor_seconds(RUSAGE_CHILDREN), sides.bare)
        reset_peak(self.server)
        before = resident_megabytes(self.server)
        _measure(ours, lambda: processor_seconds(self.server) + _processor_seconds(RUSAGE_SELF), sides.ours)
        sides.growth = max(sides.growth, peak_megabytes(self.server) - before)


def measure() -> None:
    """Print for each direction and format how long both sides took, the best of some rounds."""
    if os.geteuid():
        print("left out: only root mounts a disk")
        return
    with tempfile.TemporaryDirectory(prefix="townos-bench-archives-") as directory, _disk(Path(directory)) as disk:
        archive = _packed(Path(directory))
        for kind in ArchiveFormat:
            print(f"upload {kind.value}: {_uploads(disk, _compressed(archive, kind), kind)}", flush=True)
        disk.make("full")
        disk.client.upload("full", archive)
        for kind in MEDIA_TYPES:
            print(f"download {kind.value}: {_downloads(disk, kind)}", flush=True)


@contextmanager
def _disk(work: Path) -> Iterator[Disk]:
    with mounted_btrfs(work, DISK_BYTES) as root, appliance(work / "cache", disk=root) as server:
        client = Client(server.url, administrator(server.url))
        for key, value in SETTINGS.items():
            ask(f"{server.url}/settings/set", {"key": key, "value": value}, client.token)
        deadline = time.monotonic() + BOOT_TIMEOUT_SECONDS
        while "storage" in ask(f"{server.url}/status/ping", token=client.token).get("boot", ()):
            if time.monotonic() > deadline:
                raise RuntimeError("the disk was not prepared in time")
            time.sleep(0.1)
        yield Disk(root, server.pid, client)


def _packed(work: Path) -> Path:
    source = Random(1)
    tree = work / "tree"
    (tree / "small").mkdir(parents=True)
    half = source.randbytes(MEBIBYTE // 2) + bytes(MEBIBYTE // 2)
    for number in range(LARGE_FILES):
        (tree / f"large-{number}").write_bytes(half * LARGE_FILE_MEBIBYTES)
    for number in range(SMALL_FILES):
        (tree / "small" / str(number)).write_bytes(source.randbytes(SMALL_FILE_BYTES))
    archive = work / "files.tar"
    subprocess.run(["tar", "-cf", archive, "-C", tree, "."], check=True)
    shutil.rmtree(tree)
    return archive


def _compressed(archive: Path, kind: ArchiveFormat) -> Path:
    if kind is ArchiveFormat.TAR:
        return archive
    packed = archive.with_name(f"files{kind.value}")
    with archive.open("rb") as content, packed.open("wb") as file:
        subprocess.run([*compressor(kind), "-1"], stdin=content, stdout=file, check=True)
    return packed


def _uploads(disk: Disk, file: Path, kind: ArchiveFormat) -> Sides:
    sides = Sides()
    first = " ".join(decompressor(kind) or ["cat"])
    for _ in range(ROUNDS):
        target = disk.make("bare")
        disk.make("ours")
        pipeline = f"{first} <{file} | tar -x -C {target} && sync -f {target}"
        disk.compare(lambda: disk.client.upload("ours", file), lambda: _shell(pipeline), sides)  # noqa: B023
        disk.remove("bare")
        disk.remove("ours")
    return sides


def _downloads(disk: Disk, kind: ArchiveFormat) -> Sides:
    sides = Sides()
    pipeline = f"tar -c -C {disk.root}/user/full . | {' '.join(compressor(kind))} >/dev/null"
    for _ in range(ROUNDS_OF_XZ if kind is ArchiveFormat.XZ else ROUNDS):
        disk.compare(lambda: disk.client.download("full", kind.value[1:]), lambda: _shell(pipeline), sides)
    return sides


def _shell(command: str) -> None:
    subprocess.run(["sh", "-c", command], check=True)


def _measure(work: Callable[[], object], processors: Callable[[], float], side: Side) -> None:
    began, before = time.perf_counter(), processors()
    work()
    side.clock.append(time.perf_counter() - began)
    side.processors.append(processors() - before)


def _processor_seconds(who: int) -> float:
    used = getrusage(who)
    return used.ru_utime + used.ru_stime

"""A gigabyte unpacked from each format, beside the bare pipeline of the same programs, and the memory it takes.

The volume's disk is a temporary directory: what is measured is how much slower judging and rewriting make the pipeline.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import trio

from tests.bench.processes import ROOT, resident_megabytes
from townos.storage.archives.formats import ArchiveFormat, compressor, decompressor
from townos.storage.archives.rules import ArchiveLimits
from townos.storage.archives.unpacking import unpack

MEBIBYTE: Final = 1024 * 1024
LARGE_FILES: Final = 60
LARGE_FILE_MEBIBYTES: Final = 16
SMALL_FILES: Final = 15_000
SMALL_FILE_BYTES: Final = 4_000
ROUNDS: Final = 3
PIECE_BYTES: Final = 64 * 1024  # as they come from a connection
GROWTH_AIM_MEGABYTES: Final = 64
_UNPACK: Final = "unpack"


def measure() -> None:
    """Print seconds for each format and side, the best of some rounds, and the growth of memory."""
    with tempfile.TemporaryDirectory(prefix="townos-bench-archives-") as directory:
        work = Path(directory)
        archive = _packed(work)
        for kind in ArchiveFormat:
            file = _compressed(archive, kind)
            rounds = [(_bare(file, kind, work), _ours(file, work)) for _ in range(ROUNDS)]
            bare, ours = min(one for one, _ in rounds), min(seconds for _, (seconds, _) in rounds)
            growth = max(growth for _, (_, growth) in rounds)
            print(
                f"{kind.value}: ours {ours:.2f} s, bare pipeline {bare:.2f} s, {bare / ours:.2f} of its speed; "
                f"memory grows by {growth:.1f} MB, aim under {GROWTH_AIM_MEGABYTES}",
                flush=True,
            )


def _packed(work: Path) -> Path:
    source = random.Random(1)
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


def _bare(file: Path, kind: ArchiveFormat, work: Path) -> float:
    """Return how long a shell takes with the same programs."""
    first = " ".join(decompressor(kind) or ["cat"])
    with tempfile.TemporaryDirectory(dir=work) as target:
        began = time.perf_counter()
        subprocess.run(["sh", "-c", f"{first} < {file} | tar -x -C {target}"], check=True)
        return time.perf_counter() - began


def _ours(file: Path, work: Path) -> tuple[float, float]:
    """Return how long we take, in a process of its own, and by how many megabytes that grows meanwhile."""
    with tempfile.TemporaryDirectory(dir=work) as target:
        argv = [sys.executable, "-m", "tests.bench.archives", _UNPACK, str(file), target]
        said = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True).stdout
    seconds, growth = json.loads(said)
    return seconds, growth


async def _unpack(file: Path, target: Path) -> None:
    limits = ArchiveLimits(bytes=4 * 1024 * MEBIBYTE, members=1_000_000, seconds=3_600)
    before = resident_megabytes(os.getpid())
    began = time.perf_counter()
    async with aclosing(_pieces(file)) as source:
        await unpack(source, file.name, target, limits)
    print(json.dumps([time.perf_counter() - began, _peak_megabytes() - before]))


async def _pieces(file: Path) -> AsyncGenerator[bytes, None]:
    with file.open("rb", buffering=0) as content:
        while piece := content.read(PIECE_BYTES):
            yield piece


def _peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024 / 1e6


def main(arguments: Sequence[str]) -> None:
    """Be the process that unpacks."""
    _, file, target = arguments
    trio.run(_unpack, Path(file), Path(target))


if __name__ == "__main__":
    main(sys.argv[1:])

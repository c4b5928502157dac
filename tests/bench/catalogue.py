"""Indexing a repository of 10,000 packages in two versions each: the first time, and after a commit of one file.

Everything happens in this process, on the real git client, so that git's own work is not counted. Beside it are the
parser alone over the same files, and git's own look at the same working tree.
"""

import gc
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import trio
import yaml

from tests.bench.processes import resident_megabytes
from tests.bench.repositories import VERSIONS, Upstream, git_host, manifest_path
from townos.git import GitUrl
from townos.git.libgit2_client import Libgit2Client
from townos.names import PackageId, RepositoryName
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.questions import completed
from townos.packages.versions import version_key
from townos.repositories import Catalogue

PACKAGES: Final = 10_000
COMMITS: Final = 9
CHANGED: Final = 4_711
FIRST_AIM_SECONDS: Final = 10
AGAIN_AIM_MILLISECONDS: Final = 150
GROWTH_AIM_MEGABYTES: Final = 60
COMPILATIONS: Final = 500
PACKAGE: Final = PackageId.parse("core", "package", "1.0")
HOSTS: Final = HostNames("203.0.113.7", "192.168.1.2")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall and of this process's time; the second is free of what else the machine does."""

    wall: float
    processor: float


def measure() -> None:
    """Print the first index, and the one after a commit."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="townos-bench-") as directory, git_host({"core": PACKAGES}) as upstreams:
        trio.run(_measure, Path(directory), upstreams[0])


async def _measure(base: Path, upstream: Upstream) -> None:
    git = Libgit2Client(base)
    url = GitUrl.parse(upstream.url)
    await git.clone(url, base, upstream.name)
    catalogue = Catalogue(base, git, load_manifest, version_key)
    catalogue.arrange([RepositoryName(upstream.name)])
    await _first(catalogue, upstream)
    await _again(catalogue, upstream, git, base / upstream.name)
    _one_package(upstream.work)


async def _first(catalogue: Catalogue, upstream: Upstream) -> None:
    parser = _took(lambda: _parse_all(upstream.work, VERSIONS[-1:]))
    every = _took(lambda: _parse_all(upstream.work, VERSIONS))
    gc.collect()
    before = resident_megabytes(os.getpid())
    took = await _took_async(lambda: _indexed(catalogue, upstream))
    grown = resident_megabytes(os.getpid()) - before
    print(f"first index: {_seconds(took)}; aim under {FIRST_AIM_SECONDS} s")
    print(f"    CSafeLoader alone: {_seconds(parser)} over the highest versions, {_seconds(every)} over all")
    print(f"    memory grew by {grown:.1f} MB; aim under {GROWTH_AIM_MEGABYTES} MB", flush=True)


async def _again(catalogue: Catalogue, upstream: Upstream, git: Libgit2Client, checkout: Path) -> None:
    took, status, scanned = [], [], []
    for number in range(COMMITS):
        upstream.push(CHANGED, f"changed {number}")
        await git.pull(checkout, url=GitUrl.parse(upstream.url))
        took.append(await _took_async(lambda: _indexed(catalogue, upstream)))
        if f"changed {number}" not in catalogue.entries()[CHANGED].summary.description:
            raise RuntimeError("the catalogue does not show the commit")
        scanned.append(_took(lambda: _scan(checkout)))
        status.append(_took(lambda: _git_status(checkout)))
    print(f"after a commit of one file: {_milliseconds(took)}; aim under {AGAIN_AIM_MILLISECONDS} ms")
    print(f"    os.scandir and stat of every file: {_milliseconds(scanned)}")
    print(f"    git status, a process of its own: {_milliseconds(status)}", flush=True)


def _one_package(work: Path) -> None:
    """Print what loading and compiling one package costs beside the parser alone."""
    content = manifest_path(work, CHANGED, VERSIONS[-1]).read_bytes()
    manifest = load_manifest(content, "package")
    answers = completed(manifest.questions, {}, PACKAGE.name, count(18_080).__next__)
    parsed = [_took(lambda: yaml.load(content, yaml.CSafeLoader)) for _ in range(COMPILATIONS)]
    loaded = [_took(lambda: load_manifest(content, "package")) for _ in range(COMPILATIONS)]
    compiled = [_took(lambda: compile_package(PACKAGE, manifest, answers, HOSTS)) for _ in range(COMPILATIONS)]
    print(f"one package: loaded in {_microseconds(loaded)}, compiled in {_microseconds(compiled)}")
    print(f"    CSafeLoader alone: {_microseconds(parsed)}", flush=True)


async def _indexed(catalogue: Catalogue, upstream: Upstream) -> None:
    """Index, up to the moment when both lists answer."""
    await catalogue.refresh(RepositoryName(upstream.name))
    if not len(catalogue.entries()) == len(catalogue.groups()[0].packages) == PACKAGES:
        raise RuntimeError("the catalogue is not complete")


def _parse_all(work: Path, versions: Sequence[str]) -> None:
    for number in range(PACKAGES):
        for version in versions:
            yaml.load(manifest_path(work, number, version).read_bytes(), yaml.CSafeLoader)


def _scan(checkout: Path) -> None:
    with os.scandir(checkout / "packages") as packages:
        for package in packages:
            with os.scandir(package.path) as files:
                for file in files:
                    file.stat(follow_symlinks=False)


def _git_status(checkout: Path) -> None:
    subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=checkout, check=True)


def _took(work: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - processor)


async def _took_async(work: Callable[[], Awaitable[None]]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    await work()
    return Took(time.perf_counter() - wall, time.process_time() - processor)


def _seconds(took: Took) -> str:
    return f"{took.wall:.2f} s ({took.processor:.2f} s of processor)"


def _microseconds(all_took: Sequence[Took]) -> str:
    wall = sorted(1_000_000 * took.wall for took in all_took)
    return f"{statistics.median(wall):.0f} µs (of {len(wall)}: {wall[0]:.0f} to {wall[-1]:.0f})"


def _milliseconds(all_took: Sequence[Took]) -> str:
    wall = [1000 * took.wall for took in all_took]
    processor = statistics.median(1000 * took.processor for took in all_took)
    median = statistics.median(wall)
    return f"{median:.0f} ms (of {len(wall)}: {min(wall):.0f} to {max(wall):.0f}; {processor:.0f} ms of processor)"

"""Browsing 10,000 packages over HTTP: while they are indexed for the first time, and afterwards."""

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.bench.appliance import appliance
from tests.bench.catalogue import CHANGED, PACKAGES
from tests.bench.latencies import ask_often, pinged, told
from tests.bench.processes import Started, administrator
from tests.bench.repositories import Upstream, git_host

IDLE_SECONDS: Final = 5.0
REQUESTS: Final = 200
PAGE_AIM_MILLISECONDS: Final = 15
PING_AIM_MILLISECONDS: Final = 100
LISTS: Final = {
    "/packages?limit=20": PAGE_AIM_MILLISECONDS,
    "/packages?limit=20&sort_by=name&sort_order=desc&offset=5000": PAGE_AIM_MILLISECONDS,
    "/packages?limit=20&sort_by=description&search=calendars": PAGE_AIM_MILLISECONDS,
    "/packages?limit=20&search=package-04711": PAGE_AIM_MILLISECONDS,
    "/packages/by-repo": None,
    "/packages/by-repo?search=package-04711": None,
}


def measure() -> None:
    """Print the latencies of ping during the first index, then those of the lists."""
    with (
        tempfile.TemporaryDirectory(prefix="townos-bench-cache-") as cache,
        tempfile.TemporaryDirectory(prefix="townos-bench-repos-") as checkouts,
        git_host({"core": PACKAGES}) as upstreams,
        appliance(Path(cache), checkouts=Path(checkouts)) as server,
    ):
        headers = {"Authorization": f"Bearer {administrator(server.url)}"}
        _index(server, upstreams[0], Path(checkouts), headers)
        _lists(server.url, headers)
        _one(server.url, headers)
        _refresh(server.url, upstreams[0], headers)


def _index(server: Started, upstream: Upstream, checkouts: Path, headers: Mapping[str, str]) -> None:
    memory = server.resident_megabytes()
    with pinged(f"{server.url}/status/ping", {}) as pings:
        time.sleep(IDLE_SECONDS)
        begun = time.perf_counter()
        body = json.dumps({"name": upstream.name, "url": upstream.url}).encode()
        ask_often(f"{server.url}/repository/add", headers, 1, body)
        ended = time.perf_counter()
        ago = time.time() - (checkouts / upstream.name).stat().st_ctime
    cloned = ended - ago  # the checkout is moved to its place, which sets its time, and then indexed
    print(f"ping without load: {told(pings.between(0, begun))}")
    print(f"clone: {cloned - begun:.1f} s; ping meanwhile: {told(pings.between(begun, cloned))}")
    print(f"first index: {ended - cloned:.1f} s, memory from {memory:.0f} to {server.resident_megabytes():.0f} MB")
    print(f"    ping meanwhile: {told(pings.between(cloned, ended))}; aim 99 % within {PING_AIM_MILLISECONDS} ms")


def _lists(url: str, headers: Mapping[str, str]) -> None:
    for path, aim in LISTS.items():
        told_aim = f"; aim: median under {aim} ms" if aim else ""
        first = ask_often(url + path, headers, 1)[0]
        print(f"GET {path}: {told(ask_often(url + path, headers, REQUESTS))}{told_aim} (first {1000 * first:.1f} ms)")


def _one(url: str, headers: Mapping[str, str]) -> None:
    body = json.dumps({"repo": "", "name": f"package-{CHANGED:05}", "version": ""}).encode()
    print(f"POST /packages/install-preview: {told(ask_often(f'{url}/packages/install-preview', headers, 50, body))}")


def _refresh(url: str, upstream: Upstream, headers: Mapping[str, str]) -> None:
    """Print how long it takes from the wish to refresh to the answer, with fetching and what git checks besides."""
    seconds = []
    for number in range(5):
        upstream.push(CHANGED, f"changed {number}")
        seconds += ask_often(f"{url}/repository/refresh", headers, 1, b"{}")
    print(f"POST /repository/refresh after a commit of one file, fetching included: {told(seconds)}")

"""Requests per second and their 99th percentile, beside a bare ASGI app that sends the same bytes."""

import contextlib
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.appliance import appliance
from tests.bench.load import ROUNDS, Side, compare
from tests.bench.processes import administrator, ask, free_port, started
from tests.bench.repositories import git_host

PACKAGES: Final = 1_000
INDEX_TIMEOUT_SECONDS: Final = 120
PING_AIMS: Final = {1: 0.6, 32: 0.45}


def measure() -> None:
    """Print ping and listing with one client and with 32."""
    with (
        tempfile.TemporaryDirectory(prefix="townos-bench-cache-") as cache,
        git_host({"core": PACKAGES}) as repositories,
        appliance(Path(cache), repositories) as server,
    ):
        token = administrator(server.url)
        _wait_for_index(server.url, token)
        bearer = {"Authorization": f"Bearer {token}"}
        _side_by_side(server.url, "/status/ping", {}, PING_AIMS)
        _side_by_side(server.url, "/packages?limit=1000", bearer, {})


def _wait_for_index(url: str, token: str) -> None:
    deadline = time.monotonic() + INDEX_TIMEOUT_SECONDS
    while ask(f"{url}/packages", token=token)["total_count"] < PACKAGES:
        if time.monotonic() > deadline:
            raise RuntimeError("the repository was not indexed in time")
        time.sleep(0.5)


def _side_by_side(url: str, path: str, headers: dict[str, str], aims: dict[int, float]) -> None:
    with _bare(_body(url + path, headers)) as bare:
        for clients in (1, 32):
            ours, theirs = compare([url + path, bare], clients, headers)
            aim = f", aim at least {aims[clients]}" if clients in aims else ""
            print(f"{path}, {clients} client{'s'[: clients - 1]}: {ours.rate / theirs.rate:.2f} of the bare app{aim}")
            print(f"    ours {_told(ours)}")
            print(f"    bare {_told(theirs)}", flush=True)


def _body(url: str, headers: dict[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return bytes(answer.read())


@contextlib.contextmanager
def _bare(body: bytes) -> Iterator[str]:
    port = free_port()
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        with started([sys.executable, "-m", "tests.bench.bare", str(port), file.name], port, "/", {}) as server:
            yield f"{server.url}/"


def _told(side: Side) -> str:
    noise = f"±{100 * side.spread:.0f} % over {ROUNDS} rounds"
    return f"{side.rate:7.0f} requests/s ({noise}), 99 % within {side.p99:.1f} ms"

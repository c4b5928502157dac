"""From the start of the executable to its first answer, unpacked before; beside it a bare server on the same stack."""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.appliance import appliance
from tests.bench.processes import free_port, started

ROUNDS: Final = 9
AIM_SECONDS: Final = 0.5


def measure() -> None:
    """Print the median start of both sides and the ratio."""
    with tempfile.TemporaryDirectory(prefix="townos-bench-cache-") as directory:
        cache = Path(directory)
        fixed = cache / "fixed.json"
        fixed.write_text('{"status":"ok"}\n')
        first = _appliance_seconds(cache)
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(_appliance_seconds(cache))
            bare.append(_bare_seconds(fixed))
    print(f"first start, unpacking itself: {first:.2f} s")
    print(f"warm start: {_told(ours)}; aim under {AIM_SECONDS} s")
    print(f"bare ASGI app on the same server class: {_told(bare)}")
    print(f"ratio: {statistics.median(ours) / statistics.median(bare):.2f}")


def _appliance_seconds(cache: Path) -> float:
    with appliance(cache) as server:
        return server.seconds


def _bare_seconds(body: Path) -> float:
    port = free_port()
    with started([sys.executable, "-m", "tests.bench.bare", str(port), str(body)], port, "/", {}) as server:
        return server.seconds


def _told(seconds: list[float]) -> str:
    median = statistics.median(seconds)
    return f"{median:.3f} s (of {len(seconds)}: {min(seconds):.3f} to {max(seconds):.3f})"

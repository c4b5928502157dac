"""Resident memory of the idle executable, five minutes after its start, with three repositories."""

import tempfile
import time
from pathlib import Path
from typing import Final

from tests.bench.appliance import appliance
from tests.bench.processes import administrator, ask
from tests.bench.repositories import git_host

IDLE_SECONDS: Final = 300
SAMPLE_SECONDS: Final = 60
AIM_MEGABYTES: Final = 75
REPOSITORIES: Final = {"core": 40, "extras": 40, "third": 40}


def measure() -> None:
    """Print the resident memory minute by minute."""
    with (
        tempfile.TemporaryDirectory(prefix="townos-bench-cache-") as cache,
        git_host(REPOSITORIES) as repositories,
        appliance(Path(cache), repositories) as server,
    ):
        token = administrator(server.url)
        for elapsed in range(0, IDLE_SECONDS + 1, SAMPLE_SECONDS):
            print(f"after {elapsed:3} s: {server.resident_megabytes():.1f} MB", flush=True)
            if elapsed < IDLE_SECONDS:
                time.sleep(SAMPLE_SECONDS)
        packages = ask(f"{server.url}/packages", token=token)["total_count"]
    print(f"with {packages} packages of {len(REPOSITORIES)} repositories; aim under {AIM_MEGABYTES} MB")

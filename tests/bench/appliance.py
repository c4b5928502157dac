"""The executable under measurement, on directories of its own and, if wished, with repositories."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench.processes import ROOT, Started, free_port, started
from tests.bench.repositories import Upstream

EXECUTABLE: Final = ROOT / "dist" / "townos.pyz"


@contextmanager
def appliance(
    cache: Path, repositories: Sequence[Upstream] = (), *, checkouts: Path | None = None, disk: Path | None = None
) -> Iterator[Started]:
    """Run the executable, unpacked below `cache`, with these repositories, until the block ends.

    `checkouts` is where it keeps them, for who wants to look there; `disk` is a btrfs, if it is to have one.
    """
    with tempfile.TemporaryDirectory(prefix="townos-bench-") as directory:
        base = Path(directory)
        place = checkouts or base / "repos"
        place.mkdir(exist_ok=True)
        entries = [{"name": upstream.name, "url": upstream.url} for upstream in repositories]
        (place / "repositories.json").write_text(json.dumps(entries))
        port = free_port()
        flags = {
            "listen": f"127.0.0.1:{port}",
            "db": base / "system.db",
            "btrfs": disk or base / "btrfs",
            "repo-dir": place,
            "network-state": base / "network",
            "unit-dir": base / "units",
        }
        argv = [str(EXECUTABLE), "serve", *(f"-{name}={value}" for name, value in flags.items())]
        environment = {"SHIV_ROOT": str(cache), "MALLOC_ARENA_MAX": "1"}  # as its systemd unit starts it
        with started(argv, port, "/status/ping", environment) as server:
            yield server

"""The executable under measurement, on directories of its own and, if wished, with repositories of its own."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bed.githttp import serve as serve_git
from tests.bench.processes import ROOT, Started, free_port, started

EXECUTABLE: Final = ROOT / "dist" / "townos.pyz"
_GIT: Final = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "init.defaultBranch=main")


@contextmanager
def appliance(cache: Path, repositories: Sequence[tuple[str, str]] = ()) -> Iterator[Started]:
    """Run the executable, unpacked below `cache`, with these repositories (name and URL), until the block ends."""
    with tempfile.TemporaryDirectory(prefix="townos-bench-") as directory:
        base = Path(directory)
        (base / "repos").mkdir()
        entries = [{"name": name, "url": url} for name, url in repositories]
        (base / "repos" / "repositories.json").write_text(json.dumps(entries))
        port = free_port()
        flags = {
            "listen": f"127.0.0.1:{port}",
            "db": base / "system.db",
            "btrfs": base / "btrfs",
            "repo-dir": base / "repos",
            "network-state": base / "network",
            "unit-dir": base / "units",
        }
        argv = [str(EXECUTABLE), "serve", *(f"-{name}={value}" for name, value in flags.items())]
        environment = {"SHIV_ROOT": str(cache), "MALLOC_ARENA_MAX": "1"}  # as its systemd unit starts it
        with started(argv, port, "/status/ping", environment) as server:
            yield server


@contextmanager
def git_host(packages: dict[str, int]) -> Iterator[list[tuple[str, str]]]:
    """Serve package repositories, by name with so many packages each, and yield their names and URLs."""
    with tempfile.TemporaryDirectory(prefix="townos-bench-git-") as directory:
        base = Path(directory)
        for name, count in packages.items():
            _make_repository(base, name, count)
        with serve_git(base / "bare") as server:
            yield [(name, server.url(f"{name}.git")) for name in packages]


def _make_repository(base: Path, name: str, count: int) -> None:
    work = base / "work" / name
    for number in range(count):
        directory = work / "packages" / f"package-{number:05}"
        directory.mkdir(parents=True)
        manifest = f"image: nginx\ndescription: Package number {number} of {name}\nsupplies: [web]\n"
        (directory / "1.0.yaml").write_text(manifest)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Packages"]):
        subprocess.run([*_GIT, *command], cwd=work, check=True)
    subprocess.run([*_GIT, "clone", "-q", "--bare", str(work), str(base / "bare" / f"{name}.git")], check=True)

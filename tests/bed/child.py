"""Starting programs: argument lists only, a clean environment, and errors that show what was run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.bed.places import BedError

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLEAN: Final[Mapping[str, str]] = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root"}
_TAIL_CHARACTERS: Final = 2000


def run(argv: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program to its end and return what it printed; raise `BedError` with its last words if it fails."""
    done = attempt(argv, environment=environment, cwd=cwd)
    if done.returncode:
        raise BedError(
            f"{' '.join(argv)[:_TAIL_CHARACTERS]} ended with {done.returncode}:\n{done.stdout[-_TAIL_CHARACTERS:]}"
        )
    return done.stdout


def attempt(
    argv: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever that is; standard error is part of its output."""
    return subprocess.run(
        argv,
        env={**CLEAN, **(environment or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def inherited() -> dict[str, str]:
    """Return this process's environment for tools that a machine configures there (proxies, registries)."""
    return {**os.environ, "LANG": "C.UTF-8"}

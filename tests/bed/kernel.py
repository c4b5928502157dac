"""What beds need from this machine's kernel: control groups, processes, and room for inotify watchers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.bed.places import RUN, BedError

INOTIFY: Final = Path("/proc/sys/fs/inotify/max_user_instances")
_INOTIFY_WANTED: Final = 1024
INOTIFY_SAVED: Final = RUN / "inotify-instances"
_POLL_SECONDS: Final = 0.02


def wait_until(done: Callable[[], bool], seconds: float, *, pause: float = _POLL_SECONDS) -> bool:
    """Look again and again, at most for so long; return whether it came true. A look that costs much wants a pause."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


class ControlGroup:
    """One control group of the unified hierarchy; whatever ever ran in it can be ended."""

    def __init__(self, name: str) -> None:
        self.path = _unified() / name

    def make(self, *children: str) -> None:
        """Create it, with groups inside."""
        self.path.mkdir(exist_ok=True)
        for name in children:
            (self.path / name).mkdir(exist_ok=True)

    def processes(self) -> list[int]:
        """Return the processes in it, groups inside included."""
        return [int(line) for path in self.path.rglob("cgroup.procs") for line in path.read_text().split()]

    def end(self, seconds: float) -> None:
        """Kill every process in it, wait until they have ended, and remove it."""
        if not self.path.is_dir():
            return
        (self.path / "cgroup.kill").write_text("1")
        if not wait_until(self._empty, seconds):
            raise BedError(f"processes in {self.path} do not end")
        for directory, _, _ in os.walk(self.path, topdown=False):
            Path(directory).rmdir()

    def _empty(self) -> bool:
        return "populated 0" in (self.path / "cgroup.events").read_text()


def groups(prefix: str) -> list[str]:
    """Return the names of all control groups that begin so."""
    return [path.name for path in _unified().glob(f"{prefix}*") if path.is_dir()]


def _unified() -> Path:
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount_point, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(mount_point)
    raise BedError("this machine's kernel shows no unified control group hierarchy (cgroup2)")


def started(pid: int) -> str:
    """Return when a process started, in ticks since boot; empty if there is no such process.

    With the number this names a process for good, where the number alone may be another's by now.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def machine_init(supervisor: int) -> int | None:
    """Return the process that is number 1 of the machine that a systemd-nspawn process runs."""
    try:
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        for process in children:
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith("NSpid:") and line.split()[2:] == ["1"]:
                    return int(process)
    except OSError:
        return None
    return None


def allow_watchers() -> None:
    """Raise the number of inotify instances to what several systemds need; `restore_watchers` undoes it."""
    current = INOTIFY.read_text().strip()
    if int(current) < _INOTIFY_WANTED:
        INOTIFY_SAVED.write_text(current)
        INOTIFY.write_text(str(_INOTIFY_WANTED))


def restore_watchers() -> None:
    """Give the limit back its value from before the first bed."""
    with suppress(FileNotFoundError):
        INOTIFY.write_text(INOTIFY_SAVED.read_text())
        INOTIFY_SAVED.unlink()

"""Killing the service at chosen points of an operation, and waiting for what its successors make of it."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests.bed.places import SERVICE
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance

_FORGET_CRASHES: Final = """
import sqlite3
with sqlite3.connect("/town-os/data/db/system.db", timeout=30) as database:
    database.execute("UPDATE operations SET crash = ''")
"""
"""A crash point fires once in the life of a database, so that the resumed operation gets past it."""
_WAIT_FOR_THE_END: Final = """
import sqlite3, time
deadline = time.monotonic() + 180
state = ""
while state not in {"succeeded", "failed", "undone", "cancelled"}:
    assert time.monotonic() < deadline, "the operation does not end"
    time.sleep(0.02)
    with sqlite3.connect("/town-os/data/db/system.db", timeout=30) as database:
        (state,) = database.execute("SELECT state FROM operations ORDER BY number DESC LIMIT 1").fetchone()
"""
"""Reads the state from the disk: the service may be on its way to its next death."""
_CRASHES: Final = """
import sqlite3
with sqlite3.connect("/town-os/data/db/system.db", timeout=30) as database:
    print(*database.execute("SELECT crash FROM operations ORDER BY number DESC LIMIT 1").fetchone())
"""


def points(kind: str, names: Sequence[str]) -> list[str]:
    """Return the points before and after each of these steps."""
    return [f"{kind}:{name}:{moment}" for name in names for moment in ("before", "after")]


def undos(names: Sequence[str]) -> list[str]:
    """Return what the undos of these steps are called, in the order in which they run."""
    return [f"undo {name}" for name in reversed(names)]


def arm(town: Appliance, *chosen: str) -> None:
    """Restart the service with crash points, or with none."""
    directory = f"/run/systemd/system/{SERVICE}.d"
    settings = f'[Service]\nRestartSec=100ms\nEnvironment="TOWN_OS_CRASH={",".join(chosen)}"\n'
    town.bed.put(f"{directory}/crash.conf", settings)
    town.bed.check(f"systemctl daemon-reload; python3 -c {shlex.quote(_FORGET_CRASHES)}")
    town.restart()
    town.wait_for_boot()


def until_ended(town: Appliance, ask: Callable[[Api], object]) -> None:
    """Ask for an operation in which the service kills itself, and wait until its successors have ended it."""
    with pytest.raises(OSError):
        ask(town.admin())
    town.bed.check(f"python3 -c {shlex.quote(_WAIT_FOR_THE_END)}", seconds=200)
    town.wait_for_answer()
    town.wait_for_boot()


@contextmanager
def patient(town: Appliance, setting: str) -> Iterator[None]:
    """Let a program fail as late as a busy machine starts it: that watch ends with the failure."""
    before = town.admin().get("/settings")[setting]
    town.admin().post("/settings/set", key=setting, value="60")
    yield
    town.admin().post("/settings/set", key=setting, value=before)


def newest(admin: Api) -> dict[str, Any]:
    """Return the operation that began last."""
    operation: dict[str, Any] = admin.get("/operations", limit=1)["entries"][0]
    return operation


def steps(admin: Api) -> list[str]:
    """Return the names of the newest operation's steps, as its plan has them."""
    return [step["name"] for step in newest(admin)["steps"]]


def deaths(town: Appliance) -> list[str]:
    """Return the points at which the service died in the newest operation, in order."""
    recorded = town.bed.check(f"python3 -c {shlex.quote(_CRASHES)}")
    return recorded.strip().rstrip(",").split(",")

"""A kill at any point of installing and uninstalling: after the next start it is done, or nothing is left."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.bed.kernel import wait_until
from tests.bed.places import SERVICE
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance, appliance

pytestmark = [pytest.mark.timeout(600), pytest.mark.conformance("BLD-07")]

NAME = "web"
UNIT = f"town-os-package--crash-{NAME}-1.0.service"
MANIFEST = """
image: nginx
network: {external: {"18090": "80"}}
volumes: {site: {mountpoint: /data, quota: 50mb}}
questions: {password: {query: Which password?, type: secret}}
"""
WHERE = {"repo": "crash", "name": NAME, "version": "1.0"}
FORGET_CRASHES = """
import sqlite3
with sqlite3.connect("/town-os/data/db/system.db", timeout=30) as database:
    database.execute("UPDATE operations SET crash = ''")
"""
"""A crash point fires once in the life of a database, so that the resumed operation gets past it."""
ENDED = {"succeeded", "failed", "undone", "cancelled"}


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of the package in the machine."""

    unit: bool
    running: bool
    record: bool
    answers: bool
    state: bool
    volume: bool
    kept: bool
    container: bool


INSTALLED = Traces(
    unit=True, running=True, record=True, answers=True, state=True, volume=True, kept=False, container=True
)
NOTHING = Traces(
    unit=False, running=False, record=False, answers=False, state=False, volume=False, kept=False, container=False
)
KEPT = Traces(
    unit=False, running=False, record=False, answers=False, state=False, volume=False, kept=True, container=False
)


@pytest.fixture(scope="module")
def town() -> Iterator[Appliance]:
    """An appliance in test mode, where crash points exist; its two repositories are inside."""
    with appliance("crash", environment={"TOWN_OS_TEST": "1", "LOG_LEVEL": "info"}) as booted:
        booted.package_repository("crash", {f"packages/{NAME}/1.0.yaml": MANIFEST})
        booted.wait_for_boot()
        yield booted


def traces(town: Appliance) -> Traces:
    volume = f"crash/{NAME}/1.0/site"
    probes = {
        "unit": f"test -e /etc/systemd/system/{UNIT}",
        "running": f"systemctl is-active --quiet {UNIT}",
        "record": f"test -e /town-os/data/repos/installed/crash/{NAME}/1.0.yaml",
        "answers": f"test -e /town-os/data/repos/responses/crash/{NAME}/1.0.json",
        "state": f"test -e /run/town-os/crash-{NAME}-1.0.json",
        "volume": f"test -e /town-os/installed/{volume}",
        "kept": f"test -e /town-os/uninstalled/{volume}",
        "container": f"podman container exists {UNIT.removesuffix('.service')}",
    }
    script = "; ".join(f"{probe} && echo {name}" for name, probe in probes.items())
    found = set(town.bed.run(script).output.split())
    return Traces(**{name: name in found for name in probes})


def arm(town: Appliance, crash: str) -> None:
    """Restart the service with a crash point, or with none."""
    directory = f"/run/systemd/system/{SERVICE}.d"
    town.bed.put(f"{directory}/crash.conf", f'[Service]\nEnvironment="TOWN_OS_CRASH={crash}"\n')
    town.bed.check(f"systemctl daemon-reload; python3 -c {shlex.quote(FORGET_CRASHES)}")
    town.restart()
    town.wait_for_boot()


def until_dead(town: Appliance, path: str, **more: Any) -> None:
    """Ask for an operation in which the service kills itself, and wait for its successor's end of the boot."""
    before = town.main_process()
    with pytest.raises(OSError):
        town.admin().ask("POST", path, {**WHERE, **more})
    town.wait_for_successor(before)
    town.wait_for_boot()
    assert wait_until(lambda: newest(town.admin())["state"] in ENDED, 60)


def newest(admin: Api) -> dict[str, Any]:
    operation: dict[str, Any] = admin.get("/operations", limit=1)["entries"][0]
    return operation


def steps(town: Appliance) -> tuple[list[str], list[str]]:
    """Run both operations once and return the names of their steps, as their plans have them."""
    admin = town.admin()
    admin.post("/packages/install", **WHERE)
    installing = [step["name"] for step in newest(admin)["steps"]]
    assert traces(town) == INSTALLED
    admin.post("/packages/uninstall", **WHERE, purge_volumes=True)
    uninstalling = [step["name"] for step in newest(admin)["steps"]]
    assert traces(town) == NOTHING
    return installing, uninstalling


def clear(town: Appliance) -> None:
    """Bring the machine back to having nothing of the package."""
    if traces(town).record:
        town.admin().post("/packages/uninstall", **WHERE, purge_volumes=True)
    town.bed.run(f"btrfs subvolume delete /town-os/uninstalled/crash/{NAME}/1.0/*; rm -rf /town-os/uninstalled/crash")


def test_a_kill_at_any_point_of_an_installation(town: Appliance) -> None:
    installing, _ = steps(town)
    for step in installing:
        for moment in ("before", "after"):
            arm(town, f"install:{step}:{moment}")
            until_dead(town, "/packages/install")
            assert traces(town) in (INSTALLED, NOTHING), f"killed {moment} {step}"
            assert traces(town).record == (newest(town.admin())["state"] == "succeeded")
            clear(town)


@pytest.mark.parametrize("purge", [False, True])
def test_a_kill_at_any_point_of_an_uninstallation(town: Appliance, purge: bool) -> None:
    _, uninstalling = steps(town)
    for step in uninstalling:
        for moment in ("before", "after"):
            arm(town, f"uninstall:{step}:{moment}")
            town.admin().post("/packages/install", **WHERE)
            until_dead(town, "/packages/uninstall", purge_volumes=purge)
            assert traces(town) in (INSTALLED, NOTHING if purge else KEPT), f"killed {moment} {step}"
            clear(town)


def test_a_kill_without_warning_between_operations_harms_nothing(town: Appliance) -> None:
    arm(town, "")
    town.admin().post("/packages/install", **WHERE)
    town.kill()
    town.wait_for_boot()
    assert traces(town) == INSTALLED
    clear(town)

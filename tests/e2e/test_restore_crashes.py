"""A kill at any point of a restoration: after the next start all is as it is to be, or as it was, and runs."""

from collections.abc import Iterator

import pytest

from tests.e2e.appliance import Appliance, appliance
from tests.e2e.crashes import arm, deaths, newest, patient, points, steps, undos, until_ended

pytestmark = pytest.mark.timeout(300)

KIND = "restore-snapshot"
CALL = "/storage/snapshots/restore"
DATA = "installed/past/keeper/1.0/data"
UNIT = "town-os-package--past-keeper-1.0"
QUOTA = 50_000_000
WORKS = "trap 'exit 0' TERM; grep -q bad /data/file && exit 3; while :; do sleep 1 & wait $!; done"
MANIFEST = f"""
image: busybox
command: [sh, -c, "{WORKS}"]
volumes: {{data: {{mountpoint: /data, quota: {QUOTA}}}}}
"""
FORWARD = ["stop", "snapshot", "restore", "start"]


@pytest.fixture(scope="module")
def town() -> Iterator[Appliance]:
    """An appliance in test mode, where crash points exist, with a package whose program does not run on bad data."""
    with appliance("past", environment={"TOWN_OS_TEST": "1", "LOG_LEVEL": "info"}) as booted:
        booted.package_repository("past", {"packages/keeper/1.0.yaml": MANIFEST})
        booted.wait_for_boot()
        booted.admin().post("/settings/set", key="start_watch_seconds", value="1")
        booted.admin().post("/packages/install", repo="past", name="keeper", version="1.0", responses={})
        yield booted


def put(town: Appliance, text: str) -> None:
    town.bed.check(f"printf {text} >/town-os/{DATA}/file")


def read(town: Appliance) -> str:
    return town.bed.check(f"cat /town-os/{DATA}/file")


def snapshots(town: Appliance) -> list[str]:
    return [snapshot["id"] for snapshot in town.admin().post("/storage/snapshots", volume=DATA)]


def with_a_past(town: Appliance, past: str, present: str) -> str:
    """Leave one snapshot of the volume, and change it; return the snapshot's id."""
    for identifier in snapshots(town):
        town.admin().post("/storage/snapshots/remove", volume=DATA, id=identifier)
    put(town, past)
    taken = str(town.admin().post("/storage/snapshots/create", volume=DATA)["id"])
    put(town, present)
    return taken


def is_whole(town: Appliance) -> bool:
    """Tell whether the program runs, within the quota, and nothing of the work is left in the volume."""
    (listed,) = town.admin().post("/storage", search="keeper")["entries"]
    left = town.bed.run(f"ls -A /town-os/{DATA} /town-os/snapshots/.staging").output
    runs = town.bed.run(f"systemctl is-active --quiet {UNIT}").status == 0
    return runs and listed["quota"] == QUOTA and ".town-os" not in left


def restore(town: Appliance, taken: str, path: str = "") -> None:
    body = {"volume": DATA, "id": taken, "path": path}
    until_ended(town, lambda admin: admin.ask("POST", CALL, body))


@pytest.mark.parametrize("path", ["", "file"])
def test_kills_at_every_point_of_a_restoration(town: Appliance, path: str) -> None:
    taken = with_a_past(town, "old", "new")
    body = {"volume": DATA, "id": taken, "path": path}
    assert town.admin().ask("POST", CALL, body).status == 200
    chosen = points(KIND, steps(town.admin()))
    taken = with_a_past(town, "old", "new")
    arm(town, *chosen)
    restore(town, taken, path)
    assert (newest(town.admin())["state"], deaths(town)) == ("succeeded", chosen)
    assert (read(town), is_whole(town)) == ("old", True)
    before, last = snapshots(town)
    assert last == taken
    assert town.bed.check(f"cat /town-os/snapshots/{DATA}/{before}/file") == "new"


def test_kills_at_every_point_of_a_failing_restoration_and_its_rollback(
    town: Appliance,
) -> None:
    taken = with_a_past(town, "bad", "good")
    chosen = [*points(KIND, FORWARD[:-1]), f"{KIND}:start:before", *points(KIND, undos(FORWARD))]
    arm(town, *chosen)
    with patient(town, "start_watch_seconds"):
        restore(town, taken)
    assert (newest(town.admin())["state"], deaths(town)) == ("undone", chosen)
    assert (read(town), is_whole(town)) == ("good", True)
    assert snapshots(town) == [taken]


def test_kills_at_every_point_of_the_rollback_of_a_path(town: Appliance) -> None:
    town.bed.check(f"mkdir -p /town-os/{DATA}/{'d/' * 120}")
    taken = with_a_past(town, "old", "new")
    chosen = [*points(KIND, ["snapshot"]), f"{KIND}:copy:before", *points(KIND, undos(["snapshot", "copy"]))]
    town.admin().post("/storage/modify", name=DATA, filesystem={"name": DATA, "quota": 0})  # else it is measured first
    arm(town, *chosen)
    restore(town, taken, "d")
    assert (newest(town.admin())["state"], deaths(town)) == ("undone", chosen)
    town.admin().post("/storage/modify", name=DATA, filesystem={"name": DATA, "quota": QUOTA})
    assert (read(town), is_whole(town), snapshots(town)) == ("new", True, [taken])

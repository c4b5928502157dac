"""A kill at any point of the last part of an upload: in the end all of the archive is in the volume, or nothing."""

from collections.abc import Iterator

import pytest

from tests.bed.kernel import wait_until
from tests.e2e import volumes
from tests.e2e.api import Api, Reply
from tests.e2e.appliance import Appliance, appliance
from tests.e2e.crashes import arm, deaths, newest, points, steps, undos, until_ended
from tests.e2e.keeper import MANIFEST
from tests.e2e.volumes import listing, staged
from tests.support.archives import hard_link, member, packed, symlink

pytestmark = [pytest.mark.timeout(600), pytest.mark.conformance("ARC-03")]

UNIT = "town-os-package--crash-keeper-1.0.service"
VOLUME = "installed/crash/keeper/1.0/data"
KIND = "upload-archive"
STEPS = ["archive", "stop", "snapshot", "merge", "start", "finish"]
ARCHIVE = packed(
    member("config", b"uploaded", owner=(33, 33)),
    member("d/new", b"uploaded", mode=0o640),
    symlink("d/link", "../config"),
    hard_link("d/again", "d/new"),
)
POISON = packed(member("config", b"uploaded"), member("d/poison", b"uploaded"), member("e/new", b"uploaded"))
REFUSES_POISON = f"[Service]\nExecStartPre=/bin/sh -c 'test ! -e /town-os/{VOLUME}/d/poison'\n"
FILL = f"""
cd /town-os/{VOLUME} && rm -rf -- * && mkdir -m 2750 d && echo old >config && chmod 600 config && chown 7:8 config
ln config d/other && ln -s config link && mkfifo -m 640 pipe && echo kept >d/kept
find . -exec touch -h -d @1234567890 {{}} +
"""


@pytest.fixture(scope="module")
def town() -> Iterator[Appliance]:
    """An appliance in test mode, where crash points exist, with a package whose program runs."""
    with appliance("upcrsh", environment={"TOWN_OS_TEST": "1", "LOG_LEVEL": "info"}) as booted:
        booted.package_repository("crash", {"packages/keeper/1.0.yaml": MANIFEST})
        booted.wait_for_boot()
        booted.admin().post("/settings/set", key="start_watch_seconds", value="1")
        booted.admin().post("/packages/install", repo="crash", name="keeper", version="1.0", responses={})
        yield booted


@pytest.fixture(autouse=True)
def full(town: Appliance) -> None:
    town.bed.check(FILL)


def upload(admin: Api, content: bytes, **fields: str) -> Reply:
    return volumes.upload(admin, VOLUME, content, **fields)


def runs(town: Appliance) -> bool:
    return town.bed.run(f"systemctl is-active --quiet {UNIT}").status == 0


def snapshots(town: Appliance) -> int:
    return len(town.admin().post("/storage/snapshots", volume=VOLUME))


def merged(town: Appliance, *, stops: bool) -> list[str]:
    """Return what an upload that nothing disturbs leaves, and bring the volume back to what it was."""
    assert upload(town.admin(), ARCHIVE, **({"stop_service": UNIT} if stops else {})).status == 200
    assert steps(town.admin()) == (STEPS if stops else [step for step in STEPS if step not in {"stop", "start"}])
    found = listing(town.bed, VOLUME, times_of_directories=False)
    town.bed.check(FILL)
    return found


def test_kills_at_every_point_of_an_upload_end_with_all_of_it(town: Appliance) -> None:
    expected, before = merged(town, stops=True), snapshots(town)
    arm(town, *points(KIND, STEPS))
    until_ended(town, lambda admin: upload(admin, ARCHIVE, stop_service=UNIT))
    assert deaths(town) == points(KIND, STEPS)
    assert newest(town.admin())["state"] == "succeeded"
    assert listing(town.bed, VOLUME, times_of_directories=False) == expected
    assert (snapshots(town), staged(town.bed)) == (before + 1, [])
    assert wait_until(lambda: runs(town), 30)


def test_a_program_that_runs_on_keeps_its_volume_through_all_kills(town: Appliance) -> None:
    expected = merged(town, stops=False)
    started = f"systemctl show --value --property=ActiveEnterTimestampMonotonic {UNIT}"
    before = town.bed.check(started)
    arm(town, *points(KIND, ["merge"]))
    until_ended(town, lambda admin: upload(admin, ARCHIVE))
    assert listing(town.bed, VOLUME, times_of_directories=False) == expected
    assert town.bed.check(f"podman exec {UNIT.removesuffix('.service')} cat /data/d/new") == "uploaded"
    assert town.bed.check(started) == before


def test_kills_at_every_point_of_an_upload_that_its_service_refuses_leave_nothing(town: Appliance) -> None:
    town.bed.put(f"/run/systemd/system/{UNIT}.d/poison.conf", REFUSES_POISON)
    before, kept = listing(town.bed, VOLUME), snapshots(town)
    forward = STEPS[: STEPS.index("start")]
    deadly = [f"{KIND}:merge:after", f"{KIND}:start:before", *points(KIND, undos([*forward, "start"]))]
    arm(town, *deadly)
    until_ended(town, lambda admin: upload(admin, POISON, stop_service=UNIT))
    assert deaths(town) == deadly
    assert newest(town.admin())["state"] == "undone"
    assert listing(town.bed, VOLUME) == before
    assert (snapshots(town), staged(town.bed)) == (kept, [])
    assert wait_until(lambda: runs(town), 30)

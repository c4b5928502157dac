"""The past of volumes on a running appliance: snapshots that people take or that come by themselves, and back."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed.kernel import wait_until
from tests.e2e import volumes
from tests.e2e.api import Api, Reply
from tests.e2e.appliance import Appliance
from tests.e2e.keeper import MANIFEST
from tests.support.archives import member, packed

pytestmark = pytest.mark.timeout(600)

KEEPER = {"repo": "past", "name": "keeper"}
DATA = "installed/past/keeper/1.0/data"
MEMBER = {
    "username": "bob",
    "password": "another long one",
    "email": "b@example.org",
    "phone": "+49 30 1234",
    "real_name": "Bob",
}


@pytest.fixture(scope="module", autouse=True)
def package(town: Appliance) -> None:
    town.package_repository("past", {f"packages/keeper/{version}.yaml": MANIFEST for version in ("1.0", "1.1")})
    town.wait_for_boot()
    town.admin().post("/settings/set", key="upgrade_watch_seconds", value="2")


@pytest.fixture
def installed(town: Appliance, admin: Api) -> Iterator[None]:
    """The package, installed with a file in its volume, and gone afterwards."""
    admin.post("/packages/install", **KEEPER, version="1.0", responses={})
    put(town, "old")
    yield
    for version in ("1.0", "1.1"):
        admin.ask("POST", "/packages/uninstall", {**KEEPER, "version": version, "purge_volumes": True})
    admin.post("/packages/purge-uninstalled-volumes", **KEEPER)


def put(town: Appliance, text: str, volume: str = DATA, name: str = "sub/file") -> None:
    town.bed.check(f"mkdir -p /town-os/{volume}/sub && printf {text} >/town-os/{volume}/{name}")


def read(town: Appliance, volume: str = DATA) -> str:
    return town.bed.check(f"cat /town-os/{volume}/sub/file")


def seen(town: Appliance) -> str:
    """Return what the program sees of its file, as soon as its container is there."""
    container = "town-os-package--past-keeper-1.0"
    assert wait_until(lambda: town.bed.run(f"podman exec {container} true").status == 0, 60)
    return town.bed.check(f"podman exec {container} cat /data/sub/file")


def started(town: Appliance) -> str:
    unit = "town-os-package--past-keeper-1.0"
    return town.bed.check(f"systemctl show --value --property=ActiveEnterTimestampMonotonic {unit}").strip()


def past(api: Api, volume: str = DATA) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.post("/storage/snapshots", volume=volume)
    return found


def reasons(api: Api, volume: str = DATA) -> list[str]:
    return [snapshot["reason"] for snapshot in past(api, volume)]


def ask(api: Api, call: str, volume: str, identifier: str, path: str = "") -> Reply:
    reply = api.ask("POST", f"/storage/snapshots/{call}", {"volume": volume, "id": identifier, "path": path})
    assert reply.status == 200, reply.body
    return reply


def take(api: Api, volume: str = DATA) -> str:
    return str(api.post("/storage/snapshots/create", volume=volume)["id"])


@pytest.mark.usefixtures("installed")
def test_a_file_comes_back_while_the_program_goes_on(town: Appliance, admin: Api) -> None:
    taken = take(admin)
    assert [snapshot["id"] for snapshot in past(admin)] == [taken]
    names = [(entry["name"], entry["type"]) for entry in admin.post("/storage/snapshots/browse", volume=DATA, id=taken)]
    assert names == [("sub", "directory")]
    (entry,) = ask(admin, "browse", DATA, taken, "sub").json()
    assert (entry["name"], entry["type"], entry["size"]) == ("file", "file", 3)
    put(town, "spoiled")
    put(town, "kept", name="sub/other")
    before = started(town)
    ask(admin, "restore", DATA, taken, "sub/file")
    assert (read(town), seen(town), started(town)) == ("old", "old", before)
    assert town.bed.check(f"cat /town-os/{DATA}/sub/other") == "kept"
    assert town.bed.check(f"ls -A /town-os/{DATA}") == "sub\n"
    assert reasons(admin) == ["user", "user"]


@pytest.mark.conformance("STO-05")
@pytest.mark.usefixtures("installed")
def test_a_failed_restoration_returns_the_volume_and_its_snapshots(town: Appliance, admin: Api) -> None:
    taken = take(admin)
    put(town, "spoiled")
    before = started(town)
    ask(admin, "restore", DATA, taken)
    assert (read(town), seen(town)) == ("old", "old")
    assert started(town) != before
    replaced, _ = past(admin)
    ask(admin, "restore", DATA, replaced["id"])
    assert (read(town), seen(town)) == ("spoiled", "spoiled")
    program = "podman exec town-os-package--past-keeper-1.0"
    assert "quota" in town.bed.run(f"{program} dd if=/dev/urandom of=/data/film bs=1M count=60 2>&1").output


@pytest.mark.usefixtures("installed")
def test_a_program_that_was_stopped_stays_stopped(town: Appliance, admin: Api) -> None:
    taken = take(admin)
    town.bed.check("systemctl stop town-os-package--past-keeper-1.0")
    ask(admin, "restore", DATA, taken)
    assert town.bed.run("systemctl is-active --quiet town-os-package--past-keeper-1.0").status != 0


def test_no_more_are_kept_than_the_setting_says(town: Appliance, admin: Api) -> None:
    admin.post("/storage/create", name="photos")
    admin.post("/settings/set", key="snapshots_kept", value="3")
    try:
        taken = [take(admin, "user/photos") for _ in range(5)]
        assert [one["id"] for one in past(admin, "user/photos")] == taken[:1:-1]
        ask(admin, "restore", "user/photos", taken[2])
        kept = [one["id"] for one in past(admin, "user/photos")]
        assert len(kept) == 3
        assert taken[2] in kept
        admin.post("/storage/snapshots/remove", volume="user/photos", id=taken[2])
        assert len(past(admin, "user/photos")) == 2
        left = town.bed.check("ls /town-os/snapshots/user/photos").split()
        assert sorted(left) == sorted(one["id"] for one in past(admin, "user/photos"))
    finally:
        admin.post("/settings/set", key="snapshots_kept", value="10")
        admin.post("/storage/remove", name="photos")
    assert town.bed.run("test -e /town-os/snapshots/user/photos").status != 0


@pytest.mark.usefixtures("installed")
def test_an_upgrade_and_an_uninstallation_leave_the_way_back(town: Appliance, admin: Api) -> None:
    admin.post("/packages/install", **KEEPER, version="1.1", responses={})
    newer, kept = DATA.replace("1.0", "1.1"), DATA.replace("1.0", "1.1").replace("installed", "uninstalled")
    assert reasons(admin, newer) == ["upgrade"]
    put(town, "newer", newer)
    ask(admin, "restore", newer, past(admin, newer)[0]["id"], "sub")
    assert read(town, newer) == "old"
    admin.post("/packages/uninstall", **KEEPER, version="1.1")
    assert reasons(admin, kept) == ["uninstall", "user", "upgrade"]
    put(town, "spoiled", kept)
    ask(admin, "restore", kept, past(admin, kept)[0]["id"])
    assert read(town, kept) == "old"
    admin.post("/packages/install", **KEEPER, version="1.1", responses={}, reuse_volumes=True)
    assert reasons(admin, newer) == ["user", "uninstall", "user", "upgrade"]


@pytest.mark.usefixtures("installed")
def test_an_upload_leaves_the_way_back(town: Appliance, admin: Api) -> None:
    assert volumes.upload(admin, DATA, packed(member("sub/file", b"uploaded"))).status == 200
    assert read(town) == "uploaded"
    (before,) = past(admin)
    assert before["reason"] == "upload"
    ask(admin, "restore", DATA, before["id"], "sub/file")
    assert read(town) == "old"


@pytest.mark.usefixtures("installed")
def test_members_of_the_household_look_and_administrators_change(admin: Api) -> None:
    taken = take(admin)
    admin.post("/account/create", **MEMBER)
    member_of_the_house = admin.signed_in("bob", MEMBER["password"])
    assert [one["id"] for one in past(member_of_the_house)] == [taken]
    assert member_of_the_house.post("/storage/snapshots/browse", volume=DATA, id=taken)
    for call in ("create", "restore", "remove"):
        body = {"volume": DATA, "id": taken}
        assert member_of_the_house.ask("POST", f"/storage/snapshots/{call}", body).status == 403
    assert [one["id"] for one in past(admin)] == [taken]


def test_the_quota_groups_of_deleted_volumes_vanish(town: Appliance, admin: Api) -> None:
    def groups() -> list[str]:
        town.bed.check("btrfs subvolume sync /town-os")
        shown = town.bed.check("btrfs qgroup show --raw /town-os")
        return [line.split()[0] for line in shown.splitlines() if line.startswith("0/")]

    before = groups()
    admin.post("/storage/create", name="photos", quota=10_000_000)
    for _ in range(3):
        take(admin, "user/photos")
    assert len(groups()) == len(before) + 4
    admin.post("/storage/remove", name="photos")
    assert wait_until(lambda: groups() == before, 60)


@pytest.mark.usefixtures("installed")
def test_each_volume_tells_what_it_uses(town: Appliance, admin: Api) -> None:
    town.bed.check(f"dd if=/dev/urandom of=/town-os/{DATA}/film bs=1M count=8 status=none; sync")
    listed = use(admin)
    if "inconsistent" in town.bed.check("btrfs qgroup show /town-os 2>&1"):  # the kernel has lost count, and says so
        assert wait_until(lambda: use(admin)["exclusive"] >= 8 * 2**20, 90)
        listed = use(admin)
    assert (listed["internal_name"], listed["quota"] > 0) == (DATA, True)
    assert 8 * 2**20 <= listed["exclusive"] <= listed["referenced"] < 10 * 2**20
    take(admin)
    listed = use(admin)
    assert listed["referenced"] >= 8 * 2**20 > 2**20 > listed["exclusive"]


def use(admin: Api) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = admin.post("/storage", search="keeper")["entries"]
    return found

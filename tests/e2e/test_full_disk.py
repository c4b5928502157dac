"""An appliance whose disk has no space left: people sign in, delete, go back and uninstall, and all works again."""

import inspect
from collections.abc import Iterator

import pytest

from tests.bed.kernel import wait_until
from tests.e2e import volumes
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance, appliance
from tests.e2e.keeper import MANIFEST
from tests.support.archives import member, packed
from tests.support.btrfs import fill_with_content, fill_with_names

pytestmark = pytest.mark.timeout(600)

KEEPER = {"repo": "full", "name": "keeper", "version": "1.0"}
OTHER = {"repo": "full", "name": "other", "version": "1.0"}
PHOTO = "/town-os/user/photos/photo"
FILL = "\n".join(
    (
        "import os",
        "from contextlib import suppress",
        "from pathlib import Path",
        inspect.getsource(fill_with_content),
        inspect.getsource(fill_with_names),
        "fill_with_content(Path('/town-os/user/filling'))",
        "fill_with_names(Path('/town-os/user/filling'))",
    )
)
"""Takes all space for content, and then all that metadata have."""


@pytest.fixture
def full() -> Iterator[Appliance]:
    """An appliance with a package and a volume, whose disk another volume has filled."""
    with appliance("full", environment={"LOG_LEVEL": "info"}) as town:
        town.package_repository("full", {f"packages/{name}/1.0.yaml": MANIFEST for name in ("keeper", "other")})
        town.wait_for_boot()
        admin = town.admin()
        admin.post("/packages/install", **KEEPER, responses={})
        for name in ("photos", "filling"):
            admin.post("/storage/create", name=name, quota=0)
        town.bed.check(f"echo old >{PHOTO}")
        admin.post("/storage/snapshots/create", volume="user/photos")
        town.bed.check(f"echo new >{PHOTO}")
        town.bed.check("python3 -", standard_input=FILL, seconds=300)
        assert town.bed.run("mkdir /town-os/user/directory").status == 1
        yield town


def status(api: Api, path: str, **body: object) -> int:
    return api.ask("POST", path, body).status


def upload(api: Api) -> int:
    return volumes.upload(api, "photos", packed(member("sub/file", b"from an archive"))).status


def test_a_disk_without_any_space_left_keeps_nobody_from_making_some(full: Appliance) -> None:
    full.restart()
    full.wait_for_boot()
    admin = full.admin()
    assert admin.get("/status/ping")["space"] == "full"
    assert {volume["name"] for volume in admin.post("/storage")["entries"]} >= {"photos", "filling"}

    assert status(admin, "/packages/install", **OTHER, responses={}) == 507
    assert upload(admin) == 507

    (snapshot,) = admin.post("/storage/snapshots", volume="user/photos")
    admin.post("/storage/snapshots/restore", volume="user/photos", id=snapshot["id"])
    assert full.bed.check(f"cat {PHOTO}") == "old\n"
    admin.post("/packages/uninstall", **KEEPER)
    admin.post("/storage/remove", name="filling")

    rows = admin.post("/audit/log")["entries"]
    assert {"authenticate", "watch space", "restore snapshot", "uninstall package", "remove filesystem"} <= {
        row["action"] for row in rows
    }
    assert wait_until(lambda: admin.get("/status/ping")["space"] == "ok", 120)
    admin.post("/packages/install", **OTHER, responses={})
    assert upload(admin) == 200

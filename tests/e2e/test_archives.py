"""Archives into and out of the volumes of a running appliance, its packages running or not."""

import io
import tarfile

import pytest

from tests.bed.kernel import wait_until
from tests.e2e.api import Api, Reply
from tests.e2e.appliance import Appliance
from tests.support.archive_town import BOUNDARY, form
from tests.support.archives import COMPRESSED, member, packed, symlink

pytestmark = pytest.mark.timeout(600)

STAY = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"
MANIFEST = f"""
image: busybox
command: [sh, -c, "{STAY}"]
volumes: {{data: {{mountpoint: /data, quota: 50mb}}}}
"""
UNIT = "town-os-package--files-keeper-1.0"
VOLUME = "installed/files/keeper/1.0/data"


@pytest.fixture(scope="module", autouse=True)
def package(town: Appliance) -> None:
    town.package_repository("files", {"packages/keeper/1.0.yaml": MANIFEST})
    town.wait_for_boot()
    town.admin().post("/packages/install", repo="files", name="keeper", version="1.0", responses={})


@pytest.fixture
def admin(town: Appliance) -> Api:
    return town.admin()


def upload(admin: Api, content: bytes, name: str = "a.tar", **fields: str) -> Reply:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return admin.ask("POST", "/storage/upload-archive", form({"subvolume": VOLUME, **fields}, name, content), headers)


def started(town: Appliance) -> str:
    return town.bed.check(f"systemctl show --value --property=ActiveEnterTimestampMonotonic {UNIT}").strip()


def seen(town: Appliance) -> list[str]:
    """Return what the program sees in its volume, as soon as its container is there."""
    assert wait_until(lambda: town.bed.run(f"podman exec {UNIT} true").status == 0, 60)
    return town.bed.check(f"podman exec {UNIT} find /data -type f").split()


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("name", ["files.tar", "files.tar.gz", "files.tar.bz2", "files.tar.xz"])
def test_a_running_program_sees_what_is_uploaded(name: str, town: Appliance, admin: Api) -> None:
    before = started(town)
    reply = upload(admin, COMPRESSED[name](packed(member(name, b"x", owner=(33, 33)))), name, subpath="in/here")
    assert (reply.status, reply.json()["message"]) == (200, "archive unpacked successfully")
    assert f"/data/in/here/{name}" in seen(town)
    assert town.bed.check(f"stat -c %u /town-os/{VOLUME}/in/here/{name}") == "33\n"
    assert started(town) == before


@pytest.mark.conformance("ARC-03")
def test_a_service_that_is_to_stop_is_started_again(town: Appliance, admin: Api) -> None:
    before = started(town)
    assert upload(admin, packed(member("stopped", b"x")), stop_service=f"{UNIT}.service").status == 200
    assert int(started(town)) > int(before)
    assert "/data/stopped" in seen(town)


@pytest.mark.conformance("ARC-04")
def test_a_refused_archive_touches_neither_volume_nor_service(town: Appliance, admin: Api) -> None:
    before, files = started(town), seen(town)
    reply = upload(admin, packed(member("new", b"x"), symlink("out", "/etc")), stop_service=f"{UNIT}.service")
    assert reply.status == 422
    assert reply.json()["validation_errors"][0]["name"] == "archive"
    assert (started(town), seen(town)) == (before, files)


@pytest.mark.conformance("ARC-05")
@pytest.mark.parametrize("wanted", ["tar.gz", "tar.bz2", "tar.xz"])
def test_a_volume_is_downloaded_while_its_program_runs(wanted: str, town: Appliance, admin: Api) -> None:
    town.bed.check(f"podman exec {UNIT} sh -c 'mkdir -p /data/out && echo made inside >/data/out/file'")
    body = {"subvolume": VOLUME, "format": wanted, "filename": "keeper", "paths": ["out"]}
    reply = admin.ask("POST", "/storage/download-archive", body)
    assert reply.headers["content-disposition"] == f"attachment; filename=keeper.{wanted}"
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        assert archive.getnames() == ["out", "out/file"]
    assert town.bed.check("ls -A /town-os/snapshots/.staging 2>/dev/null || true") == ""

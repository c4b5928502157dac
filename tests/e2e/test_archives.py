"""Archives into and out of the volumes of a running appliance, its packages running or not."""

import io
import json
import os
import socket
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.bed.kernel import wait_until
from tests.e2e import volumes
from tests.e2e.api import Api, Reply
from tests.e2e.appliance import Appliance
from tests.e2e.keeper import MANIFEST
from tests.e2e.volumes import listing, staged
from tests.support.archive_appliance import BOUNDARY, form
from tests.support.archives import COMPRESSED, member, packed, symlink

pytestmark = pytest.mark.timeout(600)

UNIT = "town-os-package--files-keeper-1.0"
VOLUME = "installed/files/keeper/1.0/data"


@pytest.fixture(scope="module", autouse=True)
def package(town: Appliance) -> None:
    town.package_repository("files", {"packages/keeper/1.0.yaml": MANIFEST})
    town.wait_for_boot()
    town.admin().post("/packages/install", repo="files", name="keeper", version="1.0", responses={})


def upload(admin: Api, content: bytes, name: str = "a.tar", **fields: str) -> Reply:
    return volumes.upload(admin, VOLUME, content, name, **fields)


def started(town: Appliance) -> str:
    return town.bed.check(f"systemctl show --value --property=ActiveEnterTimestampMonotonic {UNIT}").strip()


def seen(town: Appliance) -> list[str]:
    """Return what the program sees in its volume, as soon as its container is there."""
    assert wait_until(lambda: town.bed.run(f"podman exec {UNIT} true").status == 0, 60)
    return town.bed.check(f"podman exec {UNIT} find /data -type f").split()


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("name", ["files.tar", "files.tar.gz", "files.tar.bz2", "files.tar.xz"])
def test_a_running_application_sees_uploaded_files(name: str, town: Appliance, admin: Api) -> None:
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
    assert staged(town.bed) == []


@contextmanager
def connected(admin: Api, path: str, content_type: str, length: int) -> Iterator[socket.socket]:
    """Give a connection on which the head of a request has been sent."""
    split = urlsplit(admin.url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {split.netloc}\r\nAuthorization: Bearer {admin.token}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection((str(split.hostname), split.port or 80), timeout=60) as connection:
        connection.sendall(head.encode())
        yield connection


@contextmanager
def half_an_upload(admin: Api, content: bytes, **fields: str) -> Iterator[None]:
    """Send the first half of an upload, and hang up when the block ends."""
    body = form({"subvolume": VOLUME, **fields}, "a.tar", content)
    with connected(admin, "/storage/upload-archive", f"multipart/form-data; boundary={BOUNDARY}", len(body)) as sending:
        sending.sendall(body[: len(body) // 2])
        yield


def working(town: Appliance) -> bool:
    """Tell whether anything packs or unpacks, or is set aside."""
    return bool(staged(town.bed)) or town.bed.run("pgrep -x tar").status == 0


LARGE = packed(member("file", os.urandom(8_000_000)), member("d/new", b"x"))


@pytest.mark.conformance("ARC-04")
def test_a_client_that_hangs_up_in_the_middle_of_an_upload_has_changed_nothing(town: Appliance, admin: Api) -> None:
    town.bed.check(f"echo old >/town-os/{VOLUME}/file")
    before, since = listing(town.bed, VOLUME), started(town)
    with half_an_upload(admin, LARGE, stop_service=f"{UNIT}.service"):
        assert wait_until(lambda: working(town), 30)
    assert wait_until(lambda: not working(town), 30)
    assert (listing(town.bed, VOLUME), started(town)) == (before, since)
    assert admin.post("/storage/snapshots", volume=VOLUME)[0]["reason"] == "upload"  # of an upload before
    assert upload(admin, packed(member("file", b"new"))).status == 200


@pytest.mark.conformance("ARC-05")
def test_a_download_without_its_client_ends_and_the_service_runs_again(town: Appliance, admin: Api) -> None:
    town.bed.check(f"head -c 40M /dev/urandom >/town-os/{VOLUME}/large")
    before, since = listing(town.bed, VOLUME), started(town)
    body = json.dumps({"subvolume": VOLUME, "stop_service": f"{UNIT}.service", "format": "tar.gz"}).encode()
    with connected(admin, "/storage/download-archive", "application/json", len(body)) as receiving:
        receiving.sendall(body)
        assert receiving.recv(1_000).startswith(b"HTTP/1.1 200")
        assert working(town)
    assert wait_until(lambda: not working(town), 30)
    assert int(started(town)) > int(since)
    assert listing(town.bed, VOLUME) == before
    town.bed.check(f"rm /town-os/{VOLUME}/large")


def test_one_upload_to_a_volume_at_a_time_from_the_first_byte_on(town: Appliance, admin: Api) -> None:
    with half_an_upload(admin, LARGE):
        assert wait_until(lambda: working(town), 30)
        reply = upload(admin, packed(member("other", b"x")))
        assert (reply.status, "another upload" in reply.json()["detail"]) == (409, True)
    assert wait_until(lambda: not working(town), 30)
    assert upload(admin, packed(member("other", b"x"))).status == 200


@pytest.mark.conformance("ARC-04")
@pytest.mark.parametrize("size", [35_000_000, 60_000_000])
def test_an_archive_beyond_the_quota_is_refused_with_the_numbers(size: int, town: Appliance, admin: Api) -> None:
    town.bed.check(f"head -c 20M /dev/urandom >/town-os/{VOLUME}/there; sync -f /town-os")
    before, since = listing(town.bed, VOLUME), started(town)
    reply = upload(admin, packed(member("file", os.urandom(size))), stop_service=f"{UNIT}.service")
    assert reply.status == 507
    assert any(digit in reply.json()["detail"] for digit in "123456789")
    assert (listing(town.bed, VOLUME), started(town)) == (before, since)
    assert staged(town.bed) == []
    town.bed.check(f"rm /town-os/{VOLUME}/there")

"""Virtual machines on real parts: a disk comes over HTTP, a guest runs from it, is reached, and shuts itself down."""

import functools
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.bed import guest
from tests.bed.kernel import wait_until
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance

pytestmark = pytest.mark.timeout(600)  # the disk of the guest may have to be made first

PORT = 8091
UNIT = "town-os-package--main-guest-1.0.service"
MACHINE = f"""
description: A small guest
vm: {{image: "@disk@", memory: 256mb}}
network: {{external: {{"{PORT}": "80"}}}}
questions: {{disk: {{query: Where is its disk?}}}}
"""
FILES = {"packages/guest/1.0.yaml": MACHINE, "packages/twin/1.0.yaml": MACHINE.replace(str(PORT), "8092")}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing between the tests' own lines."""


@contextmanager
def serving(directory: Path, address: str) -> Iterator[str]:
    """Serve files at an address of this machine; yield the beginning of their URLs."""
    server = ThreadingHTTPServer((address, 0), functools.partial(Quiet, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def disk_url(town: Appliance) -> Iterator[str]:
    disk = guest.ready(print)
    with serving(disk.parent, town.bed.host) as url:
        yield f"{url}/{disk.name}"


@pytest.fixture(scope="module", autouse=True)
def _repository(town: Appliance) -> None:
    town.package_repository("main", FILES)
    town.wait_for_boot()


def page(town: Appliance) -> str:
    try:
        with urllib.request.urlopen(f"http://{town.bed.address}:{PORT}/", timeout=10) as answer:
            return str(answer.read().decode()).strip()
    except OSError:
        return ""


@pytest.mark.conformance("ARC-09", "ARC-10")
def test_an_image_is_uploaded_listed_and_deleted(admin: Api, disk_url: str) -> None:
    made = admin.post("/vm-images/upload", url=disk_url, name="mine")
    assert made == {"name": "mine.raw", "size": len(guest.ready(print).read_bytes())}
    assert admin.get("/vm-images") == [made]
    (operation,) = [one for one in admin.get("/operations")["entries"] if one["kind"] == "upload-vm-image"]
    assert operation["state"] == "succeeded"
    assert operation["steps"][0]["total"] == made["size"]
    assert admin.post("/vm-images/delete", name="mine.raw") is None
    assert admin.get("/vm-images") == []


@pytest.mark.conformance("INST-10", "UNIT-05", "PKG-15")
def test_a_guest_is_installed_reached_and_shut_down_in_order(town: Appliance, admin: Api, disk_url: str) -> None:
    where = {"repo": "main", "name": "guest", "version": "1.0"}
    admin.post("/packages/install", **where, responses={"disk": disk_url})
    assert wait_until(lambda: page(town) == guest.PAGE, 120), town.bed.check(f"journalctl --no-pager -u {UNIT}")

    refused = admin.ask("POST", "/packages/install", {**where, "name": "twin", "responses": {"disk": disk_url}})
    assert (refused.status, "main/guest@1.0" in str(refused.json())) == (409, True)
    refused = admin.ask("POST", "/vm-images/delete", {"name": "disk.raw"})
    assert (refused.status, "main/guest@1.0" in str(refused.json())) == (409, True)

    admin.post("/systemd/status", name=UNIT, action="stop")
    mark = f"dd if=/town-os/vm-images/disk.raw bs=512 skip={guest.MARK_SECTOR} count=1 status=none | tr -d '\\0'"
    assert town.bed.check(mark).strip() == guest.MARK.decode()
    assert town.bed.check(f"systemctl show --value --property=Result {UNIT}").strip() == "success"

    admin.post("/packages/uninstall", **where)
    assert admin.post("/vm-images/delete", name="disk.raw") is None

"""Disk images over HTTP, as docs/api.md describes them, with uploads as operations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from tests.support.http import ADMIN, USER, AppClient
from tests.support.installations import PackageHost
from townos.app.build import Appliance
from townos.app.http import all_routes
from townos.installations.planning.requests import Request
from townos.names import PackageId, VmImageName
from townos.operations import Operations
from townos.testing.operations import resumed
from townos.testing.space import filled
from townos.testing.vm import FakeVmImages

OPERATION = "9b0a9c9e-6d2c-4a55-9a57-0c1f0d3a1c11"
URL = "https://example.org/images/desk.qcow2"
DESK = VmImageName.parse("desk.raw")
PACKAGE = PackageId.parse("core", "desk", "1.0")


@dataclass(frozen=True, slots=True)
class ImagesClient:
    """An appliance on a host whose Internet has one disk image, and a client of its routes."""

    appliance: Appliance
    host: PackageHost
    http: AppClient

    @property
    def images(self) -> FakeVmImages:
        return self.host.vm_images

    @property
    def operations(self) -> Operations:
        return self.appliance.core.operations


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[ImagesClient]:
    host = PackageHost(path, vm_images=FakeVmImages({URL: 5000}))
    async with host.process(settled=False) as process:
        yield ImagesClient(process.appliance, host, AppClient(all_routes(process.appliance)))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[ImagesClient]:
    async with running(tmp_path) as client:
        yield client


@pytest.mark.conformance("ARC-10")
async def test_images_are_listed_by_name_for_everybody_who_is_signed_in(client: ImagesClient) -> None:
    assert (await client.http.get("/vm-images")).status == 401
    assert (await client.http.get("/vm-images", USER)).json == []
    client.images.images = {DESK: 5, VmImageName.parse("attic.raw"): 7}
    answer = await client.http.get("/vm-images", USER)
    assert answer.json == [{"name": "attic.raw", "size": 7}, {"name": "desk.raw", "size": 5}]


@pytest.mark.conformance("ARC-10")
async def test_an_image_is_uploaded_under_the_name_in_its_url_or_another(client: ImagesClient) -> None:
    answer = await client.http.post("/vm-images/upload", {"url": URL}, ADMIN)
    assert (answer.status, answer.json) == (200, {"name": "desk.raw", "size": 5000})
    answer = await client.http.post("/vm-images/upload", {"url": URL, "name": "mine.img"}, ADMIN)
    assert (answer.status, answer.json) == (200, {"name": "mine.raw", "size": 5000})
    assert sorted(client.images.images) == ["desk.raw", "mine.raw"]


@pytest.mark.conformance("ARC-10")
async def test_uploading_and_deleting_are_for_administrators_and_audited(client: ImagesClient) -> None:
    for path in ("/vm-images/upload", "/vm-images/delete"):
        assert (await client.http.post(path, {"url": URL, "name": "desk.raw"}, USER)).status == 403
    await client.http.post("/vm-images/upload", {"url": URL}, ADMIN)
    await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert [entry.action for entry in client.http.audit if entry.success] == ["upload vm image", "delete vm image"]


async def test_an_existing_image_is_not_fetched_again(client: ImagesClient) -> None:
    for _ in range(2):
        assert (await client.http.post("/vm-images/upload", {"url": URL}, ADMIN)).status == 200
    assert len(client.images.fetches) == 1


async def test_a_full_disk_refuses_an_image_before_anything_is_fetched(client: ImagesClient) -> None:
    await client.http.post("/vm-images/upload", {"url": URL, "name": "desk"}, ADMIN)
    client.host.volumes.disk = filled(950, 1000)
    answer = await client.http.post("/vm-images/upload", {"url": URL, "name": "other"}, ADMIN)
    assert (answer.status, "950 bytes of 1000 bytes" in answer.detail) == (507, True)
    assert len(client.images.fetches) == 1
    assert (await client.http.post("/vm-images/upload", {"url": URL, "name": "desk"}, ADMIN)).status == 200
    assert (await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 200


async def test_a_name_that_stands_for_another_image_is_a_conflict_before_anything_begins(client: ImagesClient) -> None:
    await client.http.post("/vm-images/upload", {"url": URL}, ADMIN)
    answer = await client.http.post("/vm-images/upload", {"url": "https://example.org/other", "name": "desk"}, ADMIN)
    assert answer.status == 409
    assert "from another address" in answer.detail
    assert len(await client.operations.history()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "file:///etc/shadow"}, "url"),
        ({"url": "https://169.254.169.254/x"}, "url"),
        ({"url": URL, "name": "../x"}, "name"),
        ({"url": URL, "name": ".hidden"}, "name"),
        ({"url": "https://example.org/"}, "name"),
    ],
)
async def test_wrong_input_names_its_field(client: ImagesClient, body: dict[str, str], field: str) -> None:
    answer = await client.http.post("/vm-images/upload", body, ADMIN)
    assert answer.status == 422
    assert [error["name"] for error in answer.json["validation_errors"]] == [field]
    assert await client.operations.history() == []


async def test_a_download_that_fails_names_the_step_and_the_host(client: ImagesClient) -> None:
    answer = await client.http.post("/vm-images/upload", {"url": "https://example.org/none.img"}, ADMIN)
    assert answer.status == 502
    assert "vm-image" in answer.detail
    assert "example.org" in answer.detail


async def test_an_upload_can_be_watched_and_cancelled(client: ImagesClient) -> None:
    client.images.gate = trio.Event()
    answers = []

    async def upload() -> None:
        answers.append(await client.http.post("/vm-images/upload", {"url": URL, "operation_id": OPERATION}, ADMIN))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(upload)
        await client.images.fetching.wait()
        (entry,) = (await client.http.get("/operations", USER)).json["entries"]
        assert (entry["kind"], entry["repo"], entry["name"]) == ("upload-vm-image", "vm-images", "desk.raw")
        assert (entry["step"], entry["steps"][0]["unit"]) == ("vm-image", "bytes")
        assert (await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 409
        assert (await client.http.post("/operations/cancel", {"id": OPERATION}, ADMIN)).status == 200
    assert answers[0].status == 409
    assert client.images.images == {}


async def test_an_upload_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        client.images.gate = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.http.post, "/vm-images/upload", {"url": URL}, ADMIN)
            await client.images.fetching.wait()
            nursery.cancel_scope.cancel()
    async with running(tmp_path) as client:
        await resumed(client.operations)
        assert client.images.images == {DESK: 5000}


async def test_an_image_is_deleted(client: ImagesClient) -> None:
    client.images.images = {DESK: 5}
    answer = await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert (answer.status, answer.body) == (200, b"")
    assert client.images.images == {}
    assert (await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 404


@pytest.mark.parametrize("name", ["", "../desk.raw", "/etc/passwd", "desk.raw.download", "a/b.raw"])
async def test_only_a_base_name_is_deleted(client: ImagesClient, name: str) -> None:
    answer = await client.http.post("/vm-images/delete", {"name": name}, ADMIN)
    assert answer.status == 422
    assert answer.json["validation_errors"][0]["name"] == "name"


async def test_an_image_in_use_is_kept_and_its_package_named(client: ImagesClient) -> None:
    client.images.images = {DESK: 5}
    client.host.offer(PACKAGE, "vm: {image: desk.raw}")
    installed = client.appliance.packages.installed
    await installed.installations.install(Request(await installed.inspection.load(PACKAGE)))
    answer = await client.http.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert answer.status == 409
    assert "core/desk@1.0" in answer.detail
    assert client.images.images == {DESK: 5}

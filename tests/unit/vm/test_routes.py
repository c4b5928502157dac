"""Disk images over HTTP, as the wire contract states them, with uploads as operations."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio

from tests.support.http import ADMIN, USER, House
from townos.api.routes import operations as operation_routes
from townos.api.routes.vm_images import routes
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.names import PackageId, VmImageName
from townos.operations import Operations
from townos.testing.clock import FakeClock
from townos.testing.operations import resumed
from townos.testing.space import FakeDisk, filled
from townos.testing.vm import FakeVmImages
from townos.vm.service import VmImageLibrary

OPERATION = "9b0a9c9e-6d2c-4a55-9a57-0c1f0d3a1c11"
URL = "https://example.org/images/desk.qcow2"
DESK = VmImageName.parse("desk.raw")
PACKAGE = PackageId.parse("core", "desk", "1.0")


@dataclass
class Town:
    """An appliance that has disk images, and can upload them."""

    images: FakeVmImages
    house: House
    operations: Operations
    disk: FakeDisk
    users: dict[VmImageName, PackageId] = field(default_factory=dict)


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[Town]:
    images = FakeVmImages({URL: 5000})
    users: dict[VmImageName, PackageId] = {}

    async def disk_users() -> Mapping[VmImageName, PackageId]:
        return users

    async with Database.open(path / "db", MIGRATIONS) as database:
        operations = Operations(database, FakeClock())
        disk = FakeDisk()
        library = VmImageLibrary(images, operations, disk_users, disk.guard)
        async with trio.open_nursery() as nursery:
            await nursery.start(operations.serve)
            house = House((*routes(library), *operation_routes.routes(operations)))
            yield Town(images, house, operations, disk, users)
            nursery.cancel_scope.cancel()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with running(tmp_path) as town:
        yield town


@pytest.mark.conformance("ARC-10")
async def test_images_are_listed_by_name_for_everybody_who_is_signed_in(town: Town) -> None:
    assert (await town.house.get("/vm-images")).status == 401
    assert (await town.house.get("/vm-images", USER)).json == []
    town.images.images = {DESK: 5, VmImageName.parse("attic.raw"): 7}
    answer = await town.house.get("/vm-images", USER)
    assert answer.json == [{"name": "attic.raw", "size": 7}, {"name": "desk.raw", "size": 5}]


@pytest.mark.conformance("ARC-10")
async def test_an_image_is_uploaded_under_the_name_in_its_url_or_another(town: Town) -> None:
    answer = await town.house.post("/vm-images/upload", {"url": URL}, ADMIN)
    assert (answer.status, answer.json) == (200, {"name": "desk.raw", "size": 5000})
    answer = await town.house.post("/vm-images/upload", {"url": URL, "name": "mine.img"}, ADMIN)
    assert (answer.status, answer.json) == (200, {"name": "mine.raw", "size": 5000})
    assert sorted(town.images.images) == ["desk.raw", "mine.raw"]


@pytest.mark.conformance("ARC-10")
async def test_uploading_and_deleting_are_for_administrators_and_audited(town: Town) -> None:
    for path in ("/vm-images/upload", "/vm-images/delete"):
        assert (await town.house.post(path, {"url": URL, "name": "desk.raw"}, USER)).status == 403
    await town.house.post("/vm-images/upload", {"url": URL}, ADMIN)
    await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert [entry.action for entry in town.house.audit if entry.success] == ["upload vm image", "delete vm image"]


async def test_what_is_there_is_not_fetched_again(town: Town) -> None:
    for _ in range(2):
        assert (await town.house.post("/vm-images/upload", {"url": URL}, ADMIN)).status == 200
    assert len(town.images.fetches) == 1


async def test_a_full_disk_refuses_an_image_before_anything_is_fetched(town: Town) -> None:
    await town.house.post("/vm-images/upload", {"url": URL, "name": "desk"}, ADMIN)
    town.disk.usage = filled(950, 1000)
    answer = await town.house.post("/vm-images/upload", {"url": URL, "name": "other"}, ADMIN)
    assert (answer.status, "950 of 1000 bytes" in answer.detail) == (507, True)
    assert len(town.images.fetches) == 1
    assert (await town.house.post("/vm-images/upload", {"url": URL, "name": "desk"}, ADMIN)).status == 200
    assert (await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 200


async def test_a_name_that_stands_for_another_image_is_a_conflict_before_anything_begins(town: Town) -> None:
    await town.house.post("/vm-images/upload", {"url": URL}, ADMIN)
    answer = await town.house.post("/vm-images/upload", {"url": "https://example.org/other", "name": "desk"}, ADMIN)
    assert answer.status == 409
    assert "came from another address" in answer.detail
    assert len(await town.operations.history()) == 1


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
async def test_wrong_input_names_its_field(town: Town, body: dict[str, str], field: str) -> None:
    answer = await town.house.post("/vm-images/upload", body, ADMIN)
    assert answer.status == 422
    assert [error["name"] for error in answer.json["validation_errors"]] == [field]
    assert await town.operations.history() == []


async def test_a_download_that_fails_names_the_step_and_the_host(town: Town) -> None:
    answer = await town.house.post("/vm-images/upload", {"url": "https://example.org/none.img"}, ADMIN)
    assert answer.status == 502
    assert "vm-image" in answer.detail
    assert "example.org" in answer.detail


async def test_an_upload_can_be_watched_and_cancelled(town: Town) -> None:
    town.images.gate = trio.Event()
    answers = []

    async def upload() -> None:
        answers.append(await town.house.post("/vm-images/upload", {"url": URL, "operation_id": OPERATION}, ADMIN))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(upload)
        await town.images.fetching.wait()
        (entry,) = (await town.house.get("/operations", USER)).json["entries"]
        assert (entry["kind"], entry["repo"], entry["name"]) == ("upload-vm-image", "vm-images", "desk.raw")
        assert (entry["step"], entry["steps"][0]["unit"]) == ("vm-image", "bytes")
        assert (await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 409
        assert (await town.house.post("/operations/cancel", {"id": OPERATION}, ADMIN)).status == 200
    assert answers[0].status == 409
    assert town.images.images == {}


async def test_an_upload_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as town:
        town.images.gate = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(town.house.post, "/vm-images/upload", {"url": URL}, ADMIN)
            await town.images.fetching.wait()
            nursery.cancel_scope.cancel()
    async with running(tmp_path) as town:
        await resumed(town.operations)
        assert town.images.images == {DESK: 5000}


async def test_an_image_is_deleted(town: Town) -> None:
    town.images.images = {DESK: 5}
    answer = await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert (answer.status, answer.body) == (200, b"")
    assert town.images.images == {}
    assert (await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)).status == 404


@pytest.mark.parametrize("name", ["", "../desk.raw", "/etc/passwd", "desk.raw.download", "a/b.raw"])
async def test_only_a_base_name_is_deleted(town: Town, name: str) -> None:
    answer = await town.house.post("/vm-images/delete", {"name": name}, ADMIN)
    assert answer.status == 422
    assert answer.json["validation_errors"][0]["name"] == "name"


async def test_an_image_in_use_is_kept_and_its_package_named(town: Town) -> None:
    town.images.images = {DESK: 5}
    town.users[DESK] = PACKAGE
    answer = await town.house.post("/vm-images/delete", {"name": "desk.raw"}, ADMIN)
    assert answer.status == 409
    assert "core/desk@1.0" in answer.detail
    assert town.images.images == {DESK: 5}

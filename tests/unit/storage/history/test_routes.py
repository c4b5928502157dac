"""Snapshots of volumes over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.busy import Busy
from tests.support.http import ADMIN, USER, Answer, AppClient
from tests.support.installations import WEB, PackageHost
from townos.api.routes.snapshots import routes
from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.names import VolumeName
from townos.storage.history.history import History
from townos.storage.paths import VolumePath
from townos.testing.clock import FakeClock
from townos.testing.space import FakeDisk, filled
from townos.testing.volumes import FakeVolumes

DATA = VolumePath.installed(WEB, VolumeName.parse("data"))
KEPT = VolumePath.uninstalled(WEB, VolumeName.parse("data"))
PHOTOS = VolumePath.user("photos")
UNKNOWN = "20200101T000000.000000Z-user"


@pytest.fixture
def host(tmp_path: Path) -> PackageHost:
    host = PackageHost(tmp_path)
    for path in (DATA, KEPT, PHOTOS):
        (host.volumes.add(path) / "file").write_text(str(path))
    return host


@pytest.fixture
def volumes(host: PackageHost) -> FakeVolumes:
    return host.volumes


@pytest.fixture
def clock(host: PackageHost) -> FakeClock:
    return host.clock


@pytest.fixture
async def client(host: PackageHost, busy: Busy, disk: FakeDisk) -> AsyncIterator[AppClient]:
    """The routes, where three snapshots of a volume are kept."""
    async with host.process() as process:
        await process.settings.set("snapshots_kept", "3")
        history = History(host.volumes, process.settings, host.clock, busy.require_idle, space=disk.guard)
        yield AppClient(routes(history, process.restorations))


async def take(client: AppClient, clock: FakeClock, volume: str = "user/photos") -> str:
    clock.advance(1)
    answer = await client.post("/storage/snapshots/create", {"volume": volume}, ADMIN)
    assert answer.status == 200
    return str(answer.json["id"])


async def ids(client: AppClient, volume: str = "user/photos") -> list[str]:
    answer = await client.post("/storage/snapshots", {"volume": volume}, USER)
    assert answer.status == 200
    return [one["id"] for one in answer.json]


def blamed(answer: Answer, status: int) -> list[str]:
    assert answer.status == status
    return [error["name"] for error in answer.json["validation_errors"]]


@pytest.mark.parametrize("volume", [str(DATA), str(KEPT), "user/photos", "photos"])
async def test_a_snapshot_is_taken_listed_looked_into_and_removed(
    client: AppClient, clock: FakeClock, volume: str
) -> None:
    assert await ids(client, volume) == []
    taken = await take(client, clock, volume)
    assert await ids(client, volume) == [taken]
    (told,) = (await client.post("/storage/snapshots", {"volume": volume}, USER)).json
    assert set(told) == {"id", "created_at", "reason", "referenced", "exclusive"}
    assert (told["reason"], told["referenced"] > 0) == ("user", True)
    assert told["created_at"].endswith("Z")
    looked = await client.post("/storage/snapshots/browse", {"volume": volume, "id": taken}, USER)
    (entry,) = looked.json
    assert (entry["name"], entry["type"], entry["size"] > 0) == ("file", "file", True)
    assert (await client.post("/storage/snapshots/remove", {"volume": volume, "id": taken}, ADMIN)).body == b""
    assert await ids(client, volume) == []


async def test_the_newest_comes_first_and_no_more_are_kept_than_the_bound(client: AppClient, clock: FakeClock) -> None:
    taken = [await take(client, clock) for _ in range(5)]
    assert await ids(client) == taken[:1:-1]


async def test_a_new_snapshot_is_kept_even_if_the_clock_was_set_back(client: AppClient, clock: FakeClock) -> None:
    for _ in range(3):
        await take(client, clock)
    clock.advance(-1_000)
    assert await take(client, clock) in await ids(client)
    assert len(await ids(client)) == 3


async def test_a_directory_is_looked_into_by_its_path(
    client: AppClient, volumes: FakeVolumes, clock: FakeClock
) -> None:
    (volumes.location(PHOTOS) / "2026" / "summer").mkdir(parents=True)
    taken = await take(client, clock)
    query = {"volume": "user/photos", "id": taken, "path": "2026"}
    (entry,) = (await client.post("/storage/snapshots/browse", query, USER)).json
    assert (entry["name"], entry["type"], entry["size"]) == ("summer", "directory", 0)
    assert blamed(await client.post("/storage/snapshots/browse", {**query, "path": "2027"}, USER), 404) == ["path"]
    for path in ("/etc", "..", "2026/../..", "2026/", "file"):
        assert blamed(await client.post("/storage/snapshots/browse", {**query, "path": path}, USER), 422) == ["path"]


@pytest.mark.parametrize("volume", [str(DATA), str(KEPT), "user/photos"])
async def test_a_volume_is_restored_and_its_present_state_is_kept(
    client: AppClient, host: PackageHost, clock: FakeClock, volume: str
) -> None:
    file = host.volumes.location(VolumePath.named(volume)) / "file"
    taken = await take(client, clock, volume)
    file.write_text("spoiled")
    clock.advance(1)
    answer = await client.post("/storage/snapshots/restore", {"volume": volume, "id": taken}, ADMIN)
    assert (answer.status, answer.body) == (200, b"")
    assert file.read_text() == volume
    before, restored = await ids(client, volume)
    assert restored == taken
    await client.post("/storage/snapshots/restore", {"volume": volume, "id": before}, ADMIN)
    assert file.read_text() == "spoiled"


async def test_a_path_is_restored_alone(client: AppClient, volumes: FakeVolumes, clock: FakeClock) -> None:
    place = volumes.location(PHOTOS)
    taken = await take(client, clock)
    (place / "file").unlink()
    (place / "other").write_text("new")
    clock.advance(1)
    query = {"volume": "photos", "id": taken, "path": "file"}
    assert (await client.post("/storage/snapshots/restore", query, ADMIN)).status == 200
    assert {path.name: path.read_text() for path in place.iterdir()} == {"file": "user/photos", "other": "new"}
    assert blamed(await client.post("/storage/snapshots/restore", {**query, "path": "gone"}, ADMIN), 404) == ["path"]
    for path in ("..", "/file", "file/x"):
        assert blamed(await client.post("/storage/snapshots/restore", {**query, "path": path}, ADMIN), 422) == ["path"]


async def test_the_client_may_choose_the_id_of_a_restoration(client: AppClient, clock: FakeClock) -> None:
    taken = await take(client, clock)
    query = {"volume": "photos", "id": taken, "operation_id": "not one"}
    assert blamed(await client.post("/storage/snapshots/restore", query, ADMIN), 422) == ["operation_id"]
    query["operation_id"] = "0f0e0d0c-0b0a-4908-8706-050403020100"
    assert (await client.post("/storage/snapshots/restore", query, ADMIN)).status == 200
    assert (await client.post("/storage/snapshots/restore", query, ADMIN)).status == 409


async def test_a_snapshot_that_exceeds_the_quota_is_not_restored(
    client: AppClient, volumes: FakeVolumes, clock: FakeClock
) -> None:
    (volumes.location(PHOTOS) / "film").write_bytes(bytes(900))
    taken = await take(client, clock)
    (volumes.location(PHOTOS) / "film").unlink()
    volumes.quotas[PHOTOS] = 800
    answer = await client.post("/storage/snapshots/restore", {"volume": "photos", "id": taken}, ADMIN)
    assert answer.status == 507
    assert answer.detail.startswith("the snapshot holds 911 bytes, more than the volume's quota of 800 bytes")
    assert await ids(client) == [taken]


@pytest.mark.parametrize("call", ["", "/create", "/remove", "/browse", "/restore"])
async def test_a_missing_snapshot_or_volume_is_not_found(client: AppClient, call: str) -> None:
    answer = await client.post(f"/storage/snapshots{call}", {"volume": "user/gone", "id": UNKNOWN}, ADMIN)
    assert blamed(answer, 404) == ["volume"]
    if call in {"/remove", "/browse", "/restore"}:
        answer = await client.post(f"/storage/snapshots{call}", {"volume": "user/photos", "id": UNKNOWN}, ADMIN)
        assert blamed(answer, 404) == ["id"]


@pytest.mark.parametrize("call", ["", "/create", "/remove", "/browse", "/restore"])
@pytest.mark.parametrize(
    "volume", ["", "user", "user/", "installed", "installed/core/web", "../user/photos", "snapshots/user/photos", "a b"]
)
async def test_only_volumes_have_snapshots(client: AppClient, call: str, volume: str) -> None:
    answer = await client.post(f"/storage/snapshots{call}", {"volume": volume, "id": UNKNOWN}, ADMIN)
    assert blamed(answer, 422) == ["volume"]


@pytest.mark.parametrize("call", ["/remove", "/browse", "/restore"])
@pytest.mark.parametrize("identifier", ["", "..", "20260101T000000.000000Z-user/..", "20260101T000000.000000Z-other"])
async def test_only_snapshots_have_their_names(client: AppClient, call: str, identifier: str) -> None:
    answer = await client.post(f"/storage/snapshots{call}", {"volume": "photos", "id": identifier}, ADMIN)
    assert blamed(answer, 422) == ["id"]


async def test_only_administrators_change_anything(client: AppClient, clock: FakeClock) -> None:
    taken = await take(client, clock)
    query: dict[str, Any] = {"volume": "photos", "id": taken}
    for call in ("/create", "/remove", "/restore"):
        assert (await client.post(f"/storage/snapshots{call}", query, USER)).status == 403
        assert (await client.post(f"/storage/snapshots{call}", query)).status == 401
    for call in ("", "/browse"):
        assert (await client.post(f"/storage/snapshots{call}", query)).status == 401
    assert await ids(client) == [taken]


async def test_every_change_is_audited(client: AppClient, clock: FakeClock) -> None:
    taken = await take(client, clock)
    await ids(client)
    await client.post("/storage/snapshots/browse", {"volume": "photos", "id": taken}, USER)
    clock.advance(1)
    for call in ("/restore", "/remove"):
        await client.post(f"/storage/snapshots{call}", {"volume": "photos", "id": taken}, ADMIN)
    assert [entry.action for entry in client.audit] == ["take snapshot", "restore snapshot", "remove snapshot"]


async def test_an_operation_keeps_the_snapshots_that_it_relies_on(
    client: AppClient, clock: FakeClock, busy: Busy
) -> None:
    taken = await take(client, clock)
    busy.add(PHOTOS)
    assert (await client.post("/storage/snapshots/create", {"volume": "photos"}, ADMIN)).status == 409
    assert (await client.post("/storage/snapshots/remove", {"volume": "photos", "id": taken}, ADMIN)).status == 409
    assert await ids(client) == [taken]


async def test_a_full_disk_says_so(client: AppClient, volumes: FakeVolumes) -> None:
    volumes.failures["snapshot"].append(NoSpace("storage.full", Bytes(4_096), Bytes(1_000_000)))
    answer = await client.post("/storage/snapshots/create", {"volume": "photos"}, ADMIN)
    assert (answer.status, answer.detail) == (507, "no space left on the disk: 4 kB of 977 kB are free")


async def test_on_a_full_disk_no_snapshot_is_taken_but_all_can_be_removed(
    client: AppClient, clock: FakeClock, disk: FakeDisk
) -> None:
    taken = await take(client, clock)
    disk.usage = filled(96, 100)
    refused = await client.post("/storage/snapshots/create", {"volume": "user/photos"}, ADMIN)
    assert refused.status == 507
    assert "96 bytes of 100 bytes" in refused.detail
    removed = await client.post("/storage/snapshots/remove", {"volume": "user/photos", "id": taken}, ADMIN)
    assert removed.status == 200
    assert await ids(client) == []

"""The volumes of people over HTTP, as docs/api.md describes them."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.busy import Busy
from tests.support.http import USER, Answer, AppClient
from townos.api.routes.storage import routes
from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.names import PackageId, VolumeName
from townos.storage.paths import ROOTS, VolumePath
from townos.storage.user_volumes import UserVolumes
from townos.testing.space import FakeDisk, filled
from townos.testing.volumes import FakeVolumes

NGINX = PackageId.parse("core", "nginx", "1.0")
DATA = VolumePath.installed(NGINX, VolumeName.parse("data"))
OLD = VolumePath.uninstalled(PackageId.parse("core", "redis", "7"), VolumeName.parse("db"))
PHOTOS = VolumePath.user("photos")
MUSIC = VolumePath.user("music")


@pytest.fixture
def volumes(tmp_path: Path) -> FakeVolumes:
    fake = FakeVolumes(tmp_path)
    fake.roots_made = True
    for path, quota in {DATA: 1000, OLD: 0, PHOTOS: 0, MUSIC: 500}.items():
        fake.add(path, quota)
    return fake


@pytest.fixture
def client(volumes: FakeVolumes, busy: Busy, disk: FakeDisk) -> AppClient:
    return AppClient(routes(UserVolumes(volumes, busy.require_idle, space=disk.guard)))


async def names(client: AppClient, **query: Any) -> list[str]:
    answer = await client.post("/storage", query, USER)
    assert answer.status == 200
    return [entry["name"] for entry in answer.json["entries"]]


def refused(answer: Answer, detail: str, *fields: str, status: int = 422) -> None:
    assert answer.status == status
    assert answer.detail in {detail, f"{detail}: {', '.join(fields)}"}
    assert [error["name"] for error in answer.json.get("validation_errors", [])] == list(fields)


@pytest.mark.conformance("STO-07", "STO-12")
async def test_each_volume_is_listed_under_the_name_people_know(client: AppClient) -> None:
    answer = await client.post("/storage", {}, USER)
    empty = {"referenced": 0, "exclusive": 0}
    nginx, redis = "core/nginx/1.0/data", "core/redis/7/db"
    assert answer.json == {
        "entries": [
            {"name": "nginx/1.0/data", "internal_name": f"installed/{nginx}", "quota": 1000, "state": "installed"}
            | empty,
            {"name": "redis/7/db", "internal_name": f"uninstalled/{redis}", "quota": 0, "state": "uninstalled"} | empty,
            {"name": "music", "quota": 500, "state": "user"} | empty,
            {"name": "photos", "quota": 0, "state": "user"} | empty,
        ],
        "has_more": False,
        "total_pages": 1,
        "total_count": 4,
    }


@pytest.mark.conformance("STO-03")
async def test_the_list_is_filtered_sorted_and_cut(client: AppClient) -> None:
    assert await names(client, state="user") == ["music", "photos"]
    assert await names(client, state="installed") == ["nginx/1.0/data"]
    assert await names(client, state="uninstalled") == ["redis/7/db"]
    assert await names(client, name="pho") == ["photos"]
    assert await names(client, name="n") == []
    assert await names(client, name="installed/core") == []
    assert await names(client, search="REDIS") == ["redis/7/db"]
    assert await names(client, sort_by="quota", sort_order="desc", limit=1) == ["nginx/1.0/data"]
    assert await names(client, limit=2, offset=3) == ["photos"]


async def test_the_use_of_each_volume_is_told_and_sorts(client: AppClient, volumes: FakeVolumes) -> None:
    for path, size in ((PHOTOS, 300), (MUSIC, 100), (DATA, 200)):
        (volumes.location(path) / "file").write_bytes(bytes(size))
    (music,) = (await client.post("/storage", {"search": "music"}, USER)).json["entries"]
    assert (music["quota"], music["referenced"], music["exclusive"]) == (500, 100, 100)
    for field in ("referenced", "exclusive"):
        ordered = await names(client, sort_by=field, sort_order="desc")
        assert ordered == ["photos", "nginx/1.0/data", "music", "redis/7/db"]


async def test_an_unknown_state_is_refused(client: AppClient) -> None:
    answer = await client.post("/storage", {"state": "gone"}, USER)
    refused(answer, '"gone" is not a valid state: use user, installed or uninstalled', "state")


@pytest.mark.conformance("STO-04")
async def test_no_disk_gives_an_empty_list(client: AppClient, volumes: FakeVolumes) -> None:
    volumes.mounted = False
    answer = await client.post("/storage", {}, USER)
    assert (answer.status, answer.json["entries"], answer.json["total_pages"]) == (200, [], 1)
    assert (await client.post("/storage/create", {"name": "x"}, USER)).status == 503


@pytest.mark.conformance("STO-02", "STO-07")
async def test_a_volume_is_created_below_user(client: AppClient, volumes: FakeVolumes) -> None:
    answer = await client.post("/storage/create", {"name": "films/2026", "quota": 4096}, USER)
    assert (answer.status, answer.body) == (200, b"")
    assert volumes.quotas[VolumePath.user("films/2026")] == 4096
    assert client.audit[-1].path == "/storage/create"
    assert client.audit[-1].success


@pytest.mark.parametrize("name", ["", "/films", "../films", "a//b", "a b", "a/./b", "x" * 129])
async def test_a_bad_name_is_refused(client: AppClient, volumes: FakeVolumes, name: str) -> None:
    before = dict(volumes.quotas)
    answer = await client.post("/storage/create", {"name": name}, USER)
    assert answer.status == 422
    assert answer.detail.startswith("invalid filesystem name: ")
    assert [error["name"] for error in answer.json["validation_errors"]] == ["name"]
    assert volumes.quotas == before


@pytest.mark.conformance("STO-10")
@pytest.mark.parametrize("name", [*ROOTS, *(f"{root}/x" for root in ROOTS)])
async def test_reserved_names_are_refused(client: AppClient, volumes: FakeVolumes, name: str) -> None:
    before = dict(volumes.quotas)
    created = await client.post("/storage/create", {"name": name}, USER)
    refused(created, "cannot modify reserved filesystem", "name")
    removed = await client.post("/storage/remove", {"name": name}, USER)
    refused(removed, "cannot modify reserved filesystem", "name")
    renamed = await client.post("/storage/modify", {"name": "photos", "filesystem": {"name": name}}, USER)
    refused(renamed, "cannot modify reserved filesystem", "filesystem.name")
    if not name.startswith(("installed/", "uninstalled/")):
        modified = await client.post("/storage/modify", {"name": name, "filesystem": {"name": "y"}}, USER)
        refused(modified, "cannot modify reserved filesystem", "name")
    assert volumes.quotas == before


async def test_packages_volumes_are_not_created_by_people(client: AppClient) -> None:
    answer = await client.post("/storage/create", {"name": "x", "state": "installed"}, USER)
    refused(answer, "cannot modify reserved filesystem", "state")


async def test_a_taken_name_is_a_conflict(client: AppClient) -> None:
    refused(
        await client.post("/storage/create", {"name": "photos"}, USER), "filesystem photos already exists", status=409
    )


async def test_a_full_disk_says_so(client: AppClient, volumes: FakeVolumes) -> None:
    volumes.failures["create"].append(NoSpace("storage.full", Bytes(4096), Bytes(1_000_000)))
    answer = await client.post("/storage/create", {"name": "films"}, USER)
    assert (answer.status, answer.detail) == (507, "no space left on the disk: 4 kB of 977 kB are free")


@pytest.mark.conformance("STO-02", "STO-11")
async def test_name_and_quota_change_in_one_call(client: AppClient, volumes: FakeVolumes) -> None:
    change = {"name": "photos", "filesystem": {"name": "pictures", "quota": 7000}}
    assert (await client.post("/storage/modify", change, USER)).status == 200
    assert PHOTOS not in volumes.quotas
    assert volumes.quotas[VolumePath.user("pictures")] == 7000


async def test_quota_0_lifts_the_limit(client: AppClient, volumes: FakeVolumes) -> None:
    change = {"name": "music", "filesystem": {"name": "music", "quota": 0}}
    assert (await client.post("/storage/modify", change, USER)).status == 200
    assert volumes.quotas[MUSIC] == 0


async def test_a_failed_rename_leaves_the_quota_as_it_was(client: AppClient, volumes: FakeVolumes) -> None:
    change = {"name": "music", "filesystem": {"name": "photos", "quota": 9000}}
    refused(await client.post("/storage/modify", change, USER), "filesystem photos already exists", status=409)
    assert volumes.quotas[MUSIC] == 500
    assert volumes.quotas[PHOTOS] == 0


@pytest.mark.conformance("STO-11")
async def test_only_the_quota_of_a_package_volume_can_be_changed(client: AppClient, volumes: FakeVolumes) -> None:
    name = str(DATA)
    change: dict[str, Any] = {"name": name, "filesystem": {"name": name, "quota": 2000}}
    assert (await client.post("/storage/modify", change, USER)).status == 200
    assert volumes.quotas[DATA] == 2000
    for other in ("", "photos", "installed/core/nginx/1.0/other"):
        change = {"name": name, "filesystem": {"name": other, "quota": 1}}
        refused(await client.post("/storage/modify", change, USER), "cannot rename package volume", "filesystem.name")
    assert volumes.quotas[DATA] == 2000


@pytest.mark.parametrize("name", ["installed/core/nginx", "installed/core/nginx/1.0/../1.0/data", "installed//a/b/c"])
async def test_only_whole_package_volumes_have_a_quota(client: AppClient, name: str) -> None:
    answer = await client.post("/storage/modify", {"name": name, "filesystem": {"name": name}}, USER)
    assert (answer.status, answer.json["validation_errors"][0]["name"]) == (422, "name")


async def test_an_empty_name_is_the_root(client: AppClient) -> None:
    change = {"name": "", "filesystem": {"name": "x"}}
    refused(await client.post("/storage/modify", change, USER), "cannot modify root filesystem", "name")
    refused(await client.post("/storage/remove", {}, USER), "cannot modify root filesystem", "name")


async def test_unknown_volumes_are_not_found(client: AppClient) -> None:
    change = {"name": "films", "filesystem": {"name": "films"}}
    refused(await client.post("/storage/modify", change, USER), "filesystem films not found", status=404)
    refused(await client.post("/storage/remove", {"name": "films"}, USER), "filesystem films not found", status=404)


@pytest.mark.conformance("STO-02")
async def test_a_volume_is_removed(client: AppClient, volumes: FakeVolumes) -> None:
    assert (await client.post("/storage/remove", {"name": "photos"}, USER)).status == 200
    assert PHOTOS not in volumes.quotas


async def test_a_volume_is_left_alone_during_an_operation(client: AppClient, volumes: FakeVolumes, busy: Busy) -> None:
    before = dict(volumes.quotas)
    busy |= {PHOTOS, DATA}
    for name in ("photos", str(DATA)):
        answer = await client.post("/storage/modify", {"name": name, "filesystem": {"name": name, "quota": 7}}, USER)
        assert (answer.status, "restore-snapshot is running" in answer.detail) == (409, True)
    assert (await client.post("/storage/remove", {"name": "photos"}, USER)).status == 409
    assert volumes.quotas == before


@pytest.mark.parametrize("quota", [-1, 2**63, "1", None, 1.5])
async def test_a_bad_quota_is_refused_by_name(client: AppClient, volumes: FakeVolumes, quota: object) -> None:
    before = dict(volumes.quotas)
    created = await client.post("/storage/create", {"name": "x", "quota": quota}, USER)
    assert [error["name"] for error in created.json["validation_errors"]] == ["quota"]
    change = {"name": "photos", "filesystem": {"name": "photos", "quota": quota}}
    modified = await client.post("/storage/modify", change, USER)
    assert [error["name"] for error in modified.json["validation_errors"]] == ["filesystem.quota"]
    assert {created.status, modified.status} == {422}
    assert volumes.quotas == before


@pytest.mark.parametrize("path", ["/storage", "/storage/create", "/storage/modify", "/storage/remove"])
async def test_strangers_see_and_change_nothing(client: AppClient, path: str) -> None:
    assert (await client.post(path, {"name": "photos"})).status == 401


class Interrupted(FakeVolumes):
    """A restoration of a volume begins while its quota is set."""

    def __init__(self, root: Path, busy: Busy) -> None:
        super().__init__(root)
        self._busy = busy

    async def set_quota(self, path: VolumePath, quota: int) -> None:
        await super().set_quota(path, quota)
        self._busy.add(path)


async def test_a_volume_is_not_renamed_away_from_an_operation_that_began_meanwhile(tmp_path: Path, busy: Busy) -> None:
    volumes = Interrupted(tmp_path, busy)
    volumes.add(PHOTOS, 100)
    client = AppClient(routes(UserVolumes(volumes, busy.require_idle, space=FakeDisk().guard)))
    change = {"name": "photos", "filesystem": {"name": "pictures", "quota": 200}}
    assert (await client.post("/storage/modify", change, USER)).status == 409
    assert volumes.quotas == {PHOTOS: 100}


async def test_on_a_full_disk_no_volume_is_made_but_all_can_be_removed(
    client: AppClient, volumes: FakeVolumes, disk: FakeDisk
) -> None:
    disk.usage = filled(96, 100)
    answer = await client.post("/storage/create", {"name": "films"}, USER)
    assert answer.status == 507
    assert "96 bytes of 100 bytes" in answer.detail
    assert (await client.post("/storage/remove", {"name": "photos"}, USER)).status == 200
    assert set(volumes.quotas) == {DATA, OLD, MUSIC}

"""Packages over HTTP: each route as docs/api.md describes it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from trio.testing import MockClock

from tests.support.http import ADMIN, USER, Answer, AppClient
from tests.support.installations import ANSWERS, IMAGE, MANIFEST, WEB, PackageHost, Process
from townos.app.http import all_routes
from townos.names import PackageId

NEWER = PackageId.parse("core", "web", "1.1")
MACHINE = PackageId.parse("core", "box", "1")
WHERE = {"repo": "core", "name": "web", "version": "1.0"}
PACKAGE = {"repo": "core", "name": "web"}

pytestmark = pytest.mark.usefixtures("autojump_clock")


@dataclass(slots=True)
class PackagesClient:
    """A process behind its HTTP interface."""

    http: AppClient
    process: Process
    host: PackageHost

    async def ask(self, path: str, body: Mapping[str, Any], *, by: Mapping[str, str] = ADMIN) -> Answer:
        return await self.http.post(path, body, by)

    async def post(self, path: str, **body: Any) -> Any:
        """Return the JSON of a success, None for an empty body."""
        answer = await self.ask(path, body)
        assert answer.status == 200, answer.body
        return answer.json if answer.body else None

    async def get(self, path: str) -> Any:
        answer = await self.http.get(path, USER)
        assert answer.status == 200, answer.body
        return answer.json

    async def install(self, **answers: str) -> None:
        await self.post("/packages/install", **WHERE, responses=ANSWERS | answers)


@asynccontextmanager
async def running(host: PackageHost) -> AsyncIterator[PackagesClient]:
    async with host.process() as process:
        catalogue = process.appliance.packages.catalogue
        catalogue.arrange([WEB.repository])
        await catalogue.refresh(WEB.repository)
        yield PackagesClient(AppClient(all_routes(process.appliance)), process, host)


@pytest.fixture
async def client(tmp_path: Path, autojump_clock: MockClock) -> AsyncIterator[PackagesClient]:
    host = PackageHost(tmp_path)
    host.offer()
    host.offer(NEWER, MANIFEST.replace("  logs: {mountpoint: /logs}", "  cache: {mountpoint: /cache, quota: 5gb}"))
    host.offer(MACHINE, "vm: {image: 'https://images.example/box.qcow2', memory: 2gb, cpus: 2}")
    async with running(host) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("/packages/install", "admin"),
        ("/packages/uninstall", "admin"),
        ("/packages/disable", "admin"),
        ("/packages/enable", "admin"),
        ("/packages/purge-volumes", "admin"),
        ("/packages/purge-uninstalled-volumes", "admin"),
        ("/packages/rebuild-git", "admin"),
        ("/packages/upgrades/dismiss", "admin"),
        ("/packages/clear-last-responses", "admin"),
        ("/packages/questions", "admin"),
        ("/packages/questions/identity", "admin"),
        ("/packages/versions", "auth"),
        ("/packages/children", "auth"),
        ("/packages/uninstalled-volumes", "auth"),
        ("/packages/install-preview", "auth"),
        ("/packages/responses", "auth"),
        ("/packages/last-responses", "auth"),
    ],
)
async def test_each_route_has_its_level(client: PackagesClient, path: str, level: str) -> None:
    assert (await client.ask(path, {}, by={})).status == 401
    assert ((await client.ask(path, WHERE, by=USER)).status == 403) is (level == "admin")


@pytest.mark.conformance("CAT-06")
async def test_questions_are_those_of_the_highest_or_the_given_version(client: PackagesClient) -> None:
    newest = await client.post("/packages/questions", name="web")
    named = await client.post("/packages/questions/identity", **WHERE)
    assert newest == named
    assert named["password"] == {"query": "Which password?", "type": "secret"}
    assert named["greeting"] == {"query": "How to greet?", "default": "hello"}
    assert await client.post("/packages/questions", name="box") == {}
    assert (await client.ask("/packages/questions", {"name": "gone"})).status == 404


@pytest.mark.conformance("CAT-05")
async def test_versions_are_listed_highest_first(client: PackagesClient) -> None:
    assert await client.post("/packages/versions", name="web") == ["1.1", "1.0"]


@pytest.mark.conformance("INST-18")
async def test_a_preview_of_a_new_installation(client: PackagesClient) -> None:
    assert await client.post("/packages/install-preview", **WHERE) == {
        **WHERE,
        "description": "A web server",
        "image": "docker.io/library/nginx:latest",
        "runtime": "container",
        "volumes": [
            {"name": "data", "mountpoint": "/data", "migrated": False, "fresh": True, "quota": "@size@"},
            {"name": "logs", "mountpoint": "/logs", "migrated": False, "fresh": True},
        ],
        "external_ports": [],
        "internal_ports": [{"external": 9000, "internal": 9001}],
        "has_questions": True,
        "disk_usage": {"total": 100 * 1024**3, "used": 10 * 1024**3, "available": 90 * 1024**3},
        "total_quota": 100 * 1024**3,
        "quota_exceeds_disk": True,
        "summary": f"Install web 1.0. Image: {IMAGE}. 2 volume(s), 2 new. Configuration required.",
    }


@pytest.mark.conformance("INST-18")
async def test_a_preview_of_an_upgrade_tells_which_volumes_come_along(client: PackagesClient) -> None:
    await client.install()
    preview = await client.post("/packages/install-preview", **WHERE | {"version": "1.1"})
    assert preview["upgrading_from"] == "1.0"
    assert [(one["name"], one["migrated"], one["fresh"]) for one in preview["volumes"]] == [
        ("cache", False, True),
        ("data", True, False),
    ]
    assert preview["summary"].startswith("Upgrade web from 1.0 to 1.1. ")
    assert "2 volume(s), 1 new, 1 migrated" in preview["summary"]


@pytest.mark.conformance("INST-19")
async def test_a_preview_of_a_virtual_machine_shows_it(client: PackagesClient) -> None:
    preview = await client.post("/packages/install-preview", repo="core", name="box", version="1")
    assert preview["runtime"] == "vm"
    assert preview["vm"] == {"image": "https://images.example/box.qcow2", "memory": "2gb", "cpus": 2}
    assert "VM Image: https://images.example/box.qcow2" in preview["summary"]


@pytest.mark.conformance("UPG-01", "UPG-02", "UPG-03")
async def test_upgrades_are_listed_and_dismissed(client: PackagesClient) -> None:
    assert await client.get("/packages/upgrades") == []
    await client.install()
    upgrade = {"repo": "core", "name": "web", "installed_version": "1.0", "latest_version": "1.1", "changed": False}
    assert await client.get("/packages/upgrades") == [upgrade]
    assert await client.post("/packages/upgrades/dismiss") is None
    client.host.offer(WEB, MANIFEST.replace("A web", "Another web"))
    assert await client.get("/packages/upgrades") == [upgrade | {"changed": True}]


@pytest.mark.conformance("CAT-02", "CAT-04")
async def test_the_flat_list_shows_what_is_installed_and_what_has_changed(client: PackagesClient) -> None:
    await client.install()
    assert [entry["name"] for entry in (await client.get("/packages?installed_only=true"))["entries"]] == ["web"]
    (entry,) = (await client.get("/packages?search=web"))["entries"]
    assert (entry["version"], entry["installed"], entry["installed_version"]) == ("1.1", True, "1.0")
    assert not {"changed", "featured", "error"} & entry.keys()
    client.host.offer(WEB, MANIFEST.replace("A web", "Another web"))
    (entry,) = (await client.get("/packages?search=web"))["entries"]
    assert entry["changed"] is True


async def test_earlier_data_is_told_and_purged(client: PackagesClient) -> None:
    assert await client.post("/packages/uninstalled-volumes", **PACKAGE) == {"has_uninstalled_volumes": False}
    await client.install()
    await client.post("/packages/uninstall", **WHERE)
    await client.install()
    assert await client.post("/packages/uninstalled-volumes", **PACKAGE) == {
        "has_uninstalled_volumes": True,
        "uninstalled_versions": ["1.0"],
        "installed_versions": ["1.0"],
    }
    assert await client.post("/packages/purge-uninstalled-volumes", **PACKAGE) is None
    assert await client.post("/packages/purge-volumes", **PACKAGE) is None


async def test_a_package_is_disabled_and_enabled(client: PackagesClient) -> None:
    await client.install()
    assert await client.post("/packages/disable", **PACKAGE) is None
    assert not client.host.running()
    assert (await client.post("/packages/installed/info", **WHERE))["disabled"] is True
    assert await client.post("/packages/enable", **PACKAGE) is None
    assert client.host.running()
    assert (await client.ask("/packages/disable", {"repo": "core", "name": "box"})).status == 404


@pytest.mark.parametrize("path", ["disable", "enable", "purge-volumes", "purge-uninstalled-volumes", "uninstall"])
async def test_each_operation_takes_the_id_that_its_client_has_chosen(client: PackagesClient, path: str) -> None:
    await client.install()
    await client.post("/packages/uninstall", **WHERE)
    await client.install()
    chosen = str(uuid4())
    await client.post(f"/packages/{path}", **WHERE, operation_id=chosen)
    assert (await client.process.operations.history())[0].id == chosen


async def test_children_are_those_of_the_file(client: PackagesClient) -> None:
    assert await client.post("/packages/children", **PACKAGE) == []
    await client.install()
    (client.host.repositories / "installed/core/web/children.json").write_text('["db", "cache"]')
    assert await client.post("/packages/children", **PACKAGE) == ["db", "cache"]


async def test_a_rebuild_needs_the_whole_identity(client: PackagesClient) -> None:
    answer = await client.ask("/packages/rebuild-git", {"repo": "core", "name": "web"})
    assert answer.status == 400
    assert answer.detail == "repo, name, and version are required"
    assert [error["name"] for error in answer.json["validation_errors"]] == ["version"]
    await client.install()
    assert (await client.ask("/packages/rebuild-git", WHERE)).status == 422
    assert "operation_id" in (await client.ask("/packages/rebuild-git", {**WHERE, "operation_id": "mine"})).detail


async def test_flags_about_earlier_data_reach_the_installation(client: PackagesClient) -> None:
    answer = await client.ask("/packages/install", {**WHERE, "responses": ANSWERS, "import_from_version": "9"})
    assert answer.status == 422
    assert [error["name"] for error in answer.json["validation_errors"]] == ["import_from_version"]


async def test_every_change_is_audited_under_its_name(client: PackagesClient) -> None:
    await client.install()
    for path, body in (
        ("disable", PACKAGE),
        ("enable", PACKAGE),
        ("purge-volumes", PACKAGE),
        ("purge-uninstalled-volumes", PACKAGE),
        ("rebuild-git", WHERE),
        ("upgrades/dismiss", {}),
        ("uninstall", WHERE),
    ):
        await client.ask(f"/packages/{path}", body)
    assert [entry.action for entry in client.http.audit] == [
        "install package",
        "disable package",
        "enable package",
        "purge volumes",
        "purge uninstalled volumes",
        "rebuild git",
        "dismiss package upgrades",
        "uninstall package",
    ]

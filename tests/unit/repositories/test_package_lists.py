"""What the lists of packages show, through the HTTP interface, with packages that are really installed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.http import USER, AppClient
from tests.support.installations import ANSWERS, MANIFEST, WEB, PackageHost, Process
from townos.app.http import all_routes
from townos.names import PackageId, RepositoryName, VmImageName
from townos.repositories import Catalogue

DB = PackageId.parse("core", "db", "2")
OTHER = PackageId.parse("extras", "other", "1")
PLAIN = "image: nginx\ndescription: Something Plain\n"


@dataclass
class Shop:
    """A host, its catalogue, and the HTTP interface before both."""

    host: PackageHost
    process: Process
    catalogue: Catalogue
    http: AppClient

    async def refresh(self, *repositories: str) -> None:
        names = [RepositoryName(name) for name in repositories]
        self.catalogue.arrange(names)
        for name in names:
            await self.catalogue.refresh(name)

    def feature(self, repository: str, text: str) -> None:
        (self.host.repositories / repository / "featured.json").write_text(text)

    async def get(self, path: str) -> Any:
        answer = await self.http.get(path, USER)
        assert answer.status == 200, answer.body
        return answer.json

    async def names(self, query: str = "") -> Sequence[str]:
        return [entry["name"] for entry in (await self.get(f"/packages?{query}"))["entries"]]

    async def groups(self, query: str = "") -> dict[str, list[str]]:
        groups = await self.get(f"/packages/by-repo?{query}")
        return {group["repo"]: [package["name"] for package in group["packages"]] for group in groups}


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Shop]:
    host = PackageHost(path)
    for package, text in ((WEB, MANIFEST), (DB, PLAIN), (OTHER, PLAIN)):
        host.offer(package, text)
    async with host.process() as process:
        http = AppClient(all_routes(process.appliance))
        shop = Shop(host, process, process.appliance.packages.catalogue, http)
        shop.feature("core", '["web"]')
        await shop.refresh("core", "extras")
        yield shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path) as made:
        yield made


@pytest.mark.conformance("CAT-01")
async def test_both_lists_mark_featured_packages(shop: Shop) -> None:
    entries = (await shop.get("/packages"))["entries"]
    assert {entry["name"]: entry.get("featured", False) for entry in entries} == {
        "db": False,
        "other": False,
        "web": True,
    }
    groups = await shop.get("/packages/by-repo")
    assert [(group["repo"], group.get("featured", [])) for group in groups] == [("core", ["web"]), ("extras", [])]


@pytest.mark.conformance("CAT-02")
async def test_featured_only_lists_featured_packages_and_their_repositories(shop: Shop) -> None:
    assert await shop.names("featured_only=true") == ["web"]
    assert await shop.groups("featured_only=true") == {"core": ["web"]}


@pytest.mark.conformance("CAT-02")
async def test_featured_only_and_installed_only_combine(shop: Shop) -> None:
    assert await shop.names("featured_only=true&installed_only=true") == []
    await shop.process.install(DB, {})
    assert await shop.names("featured_only=true&installed_only=true") == []
    await shop.process.install(WEB, ANSWERS)
    assert await shop.names("featured_only=true&installed_only=true") == ["web"]
    assert await shop.names("installed_only=true") == ["db", "web"]


@pytest.mark.parametrize("word", ["True", "1", "yes", ""])
async def test_only_true_sets_a_filter(shop: Shop, word: str) -> None:
    assert await shop.names(f"featured_only={word}&installed_only={word}") == ["db", "other", "web"]
    assert await shop.groups(f"featured_only={word}") == {"core": ["db", "web"], "extras": ["other"]}


@pytest.mark.conformance("CAT-04")
async def test_installed_only_counts_before_search_order_and_page(shop: Shop) -> None:
    await shop.process.install(DB, {})
    await shop.process.install(WEB, ANSWERS)
    found = await shop.get("/packages?installed_only=true&search=E&sort_by=name&sort_order=desc&limit=1")
    assert ([entry["name"] for entry in found["entries"]], found["total_count"]) == (["web"], 2)


async def test_an_installed_package_shows_its_version_and_can_be_found_by_it(shop: Shop) -> None:
    await shop.process.install(WEB, ANSWERS)
    shop.host.offer(PackageId.parse("core", "web", "7.7"), MANIFEST)
    await shop.refresh("core", "extras")
    (entry,) = (await shop.get("/packages?search=1.0"))["entries"]
    assert (entry["version"], entry["installed"], entry["installed_version"]) == ("7.7", True, "1.0")


async def test_an_installed_package_that_nobody_offers_any_more_is_still_listed(shop: Shop) -> None:
    await shop.process.install(WEB, ANSWERS)
    await shop.refresh("extras")
    assert await shop.names() == ["other", "web"]


async def test_the_runtime_comes_from_the_manifest_in_the_repository_or_as_installed(shop: Shop) -> None:
    guest = PackageId.parse("core", "guest", "1")
    shop.host.offer(guest, "vm: {image: guest.raw}\ndescription: A guest\nsupplies: [sql]\n")
    shop.host.vm_images.images[VmImageName.parse("guest.raw")] = 5
    await shop.refresh("core", "extras")
    await shop.process.install(guest, {})
    (offered,) = (await shop.get("/packages?search=guest"))["entries"]
    await shop.refresh("extras")
    (installed,) = (await shop.get("/packages?search=guest"))["entries"]
    assert offered["runtime"] == "vm"
    assert installed == offered


async def test_an_unreadable_installed_package_is_listed_without_details(shop: Shop) -> None:
    await shop.process.install(WEB, ANSWERS)
    await shop.refresh("extras")
    (shop.host.repositories / "installed/core/web/1.0.yaml").write_text("image: -v")
    (entry,) = (await shop.get("/packages?search=web"))["entries"]
    assert (entry["runtime"], entry["installed_version"], "description" in entry) == ("", "1.0", False)


async def test_the_lists_follow_the_catalogue(shop: Shop) -> None:
    assert await shop.names("search=new") == []
    assert (await shop.groups())["extras"] == ["other"]
    shop.host.offer(PackageId.parse("extras", "new", "1"), PLAIN)
    shop.host.offer(DB, "image: nginx\ndescription: now new\n")
    await shop.refresh("core", "extras")
    assert await shop.names("search=new") == ["db", "new"]
    assert (await shop.groups())["extras"] == ["new", "other"]


async def test_a_search_by_repository_looks_into_names_and_leaves_out_empty_repositories(shop: Shop) -> None:
    assert await shop.groups("search=THER") == {"extras": ["other"]}
    assert await shop.groups("search=plain") == {}


@pytest.mark.conformance("CAT-05")
async def test_versions_come_highest_first_from_all_repositories(shop: Shop) -> None:
    for repository, version in (("core", "1.10"), ("extras", "1.9"), ("extras", "1.0")):
        shop.host.offer(PackageId.parse(repository, "web", version), MANIFEST)
    await shop.refresh("core", "extras")
    answer = await shop.http.post("/packages/versions", {"name": "web"}, USER)
    assert answer.json == ["1.10", "1.9", "1.0"]
    assert (await shop.http.post("/packages/versions", {"name": "nothing"}, USER)).json == []


async def test_a_manifest_that_cannot_be_read_is_listed_with_its_mistakes_and_their_lines(shop: Shop) -> None:
    shop.host.offer(DB, "image: -v\n\nenvironment:\n  A-B: x\n")
    await shop.refresh("core", "extras")
    (entry,) = (await shop.get("/packages?search=db"))["entries"]
    assert entry["runtime"] == ""
    for part in ("db/2", "line 1: image", "line 4: environment.A-B"):
        assert part in entry["error"]


async def test_a_mistake_in_the_yaml_itself_names_its_line_once(shop: Shop) -> None:
    shop.host.offer(DB, "image: nginx\nsupplies: [\n")
    await shop.refresh("core")
    (entry,) = (await shop.get("/packages?search=db"))["entries"]
    assert entry["error"].startswith("db/2 cannot be read: line 3 is not valid YAML: ")

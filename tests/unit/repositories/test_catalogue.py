"""The catalogue: what it lists, what it leaves out, what it reads again."""

import os
from pathlib import Path

import pytest

from tests.support.manifests import CountingLoader, numeric_version
from townos.errors import Invalid, NotFound
from townos.limits import MANIFEST_MAX_BYTES
from townos.names import PackageName, RepositoryName, Version
from townos.repositories.catalogue import Catalogue
from townos.repositories.scan import read_manifest
from townos.testing.git import FakeGitClient


class CatalogueOnDisk:
    """A catalogue over plain directories."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.load = CountingLoader()
        self.git = FakeGitClient()
        self.catalogue: Catalogue = Catalogue(base, self.git, self.load, numeric_version)

    def write(self, repository: str, package: str, version: str, text: str = "") -> Path:
        path = self.base / repository / "packages" / package / f"{version}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or f"{package} {version}")
        return path

    async def refresh(self, *names: str) -> Catalogue:
        self.catalogue.arrange([RepositoryName(name) for name in names])
        for name in names:
            await self.catalogue.refresh(RepositoryName(name))
        return self.catalogue


@pytest.fixture
def disk(tmp_path: Path) -> CatalogueOnDisk:
    return CatalogueOnDisk(tmp_path)


def ids(catalogue: Catalogue) -> list[str]:
    return [str(listing.id) for listing in catalogue.entries()]


async def test_the_flat_list_has_the_highest_version_of_each_name(disk: CatalogueOnDisk) -> None:
    disk.write("core", "web", "1.9")
    disk.write("core", "web", "1.10")
    disk.write("extras", "web", "1.2")
    disk.write("extras", "db", "3")
    assert ids(await disk.refresh("core", "extras")) == ["extras/db@3", "core/web@1.10"]


async def test_equal_versions_go_to_the_more_important_repository(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    disk.write("b", "web", "1")
    assert ids(await disk.refresh("b", "a")) == ["b/web@1"]
    disk.catalogue.arrange([RepositoryName("a"), RepositoryName("b")])
    assert ids(disk.catalogue) == ["a/web@1"]


async def test_groups_come_in_order_of_priority(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    disk.write("b", "web", "2")
    catalogue = await disk.refresh("b", "a")
    assert [group.repository for group in catalogue.groups()] == ["b", "a"]
    assert [str(listing.id) for group in catalogue.groups() for listing in group.packages] == ["b/web@2", "a/web@1"]


async def test_versions_of_all_repositories_highest_first_each_once(disk: CatalogueOnDisk) -> None:
    for repository, version in (("a", "1"), ("a", "1.10"), ("b", "1.9"), ("b", "1")):
        disk.write(repository, "web", version)
    catalogue = await disk.refresh("a", "b")
    assert catalogue.versions("web") == ["1.10", "1.9", "1"]
    assert catalogue.versions("nothing") == []


async def test_find_completes_a_missing_repository_or_version(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    disk.write("b", "web", "1")
    disk.write("b", "web", "2")
    catalogue = await disk.refresh("a", "b")
    assert str(catalogue.find("", "web", "")) == "b/web@2"
    assert str(catalogue.find(None, "web", "1")) == "a/web@1"
    assert str(catalogue.find("b", "web", "1")) == "b/web@1"
    assert str(catalogue.find("a", "web", None)) == "a/web@1"
    assert str(catalogue.latest("web")) == "b/web@2"


@pytest.mark.parametrize(("repository", "name", "version"), [("c", "web", ""), ("", "no", ""), ("", "web", "9")])
async def test_find_refuses_an_unknown_package(disk: CatalogueOnDisk, repository: str, name: str, version: str) -> None:
    disk.write("a", "web", "1")
    catalogue = await disk.refresh("a")
    with pytest.raises(NotFound):
        catalogue.find(repository, name, version)


async def test_a_refresh_reads_only_manifests_that_changed(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    changed = disk.write("a", "db", "1")
    await disk.refresh("a")
    disk.load.loaded.clear()
    changed.write_text("another")
    disk.write("a", "new", "1")
    catalogue = await disk.refresh("a")
    assert disk.load.loaded == ["db/1", "new/1"]
    assert {listing.id.name: listing.summary.description for listing in catalogue.entries()} == {
        "db": "another",
        "new": "new 1",
        "web": "web 1",
    }


async def test_a_manifest_of_same_size_and_time_but_other_inode_is_read_again(disk: CatalogueOnDisk) -> None:
    path = disk.write("a", "web", "1", "old")
    times = path.stat()
    await disk.refresh("a")
    path.unlink()
    path.write_text("new")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    (listing,) = (await disk.refresh("a")).entries()
    assert listing.summary.description == "new"


async def test_a_package_gone_from_the_checkout_is_gone_from_the_list(disk: CatalogueOnDisk) -> None:
    path = disk.write("a", "web", "1")
    await disk.refresh("a")
    path.unlink()
    assert ids(await disk.refresh("a")) == []


async def test_a_repository_that_is_no_longer_arranged_is_forgotten(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    catalogue = await disk.refresh("a")
    catalogue.arrange([])
    assert ids(catalogue) == []
    await catalogue.refresh(RepositoryName("a"))
    assert ids(catalogue) == []


async def test_a_broken_manifest_is_listed_with_its_error_and_harms_no_other(disk: CatalogueOnDisk) -> None:
    disk.write("a", "bad", "1", "broken")
    disk.write("a", "web", "1")
    catalogue = await disk.refresh("a")
    bad, web = catalogue.entries()
    assert isinstance(bad.summary.error, Invalid)
    assert bad.summary.runtime == ""
    assert (web.summary.error, web.summary.runtime) == (None, "container")


async def test_names_that_are_not_allowed_are_told_and_left_out(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    disk.write("a", "we b", "1")
    disk.write("a", "web", "1 0")
    (disk.base / "a/packages/web/readme.txt").write_text("no manifest")
    catalogue = await disk.refresh("a")
    assert ids(catalogue) == ["a/web@1"]
    assert sorted(problem.path for problem in catalogue.problems("a")) == ["packages/we b", "packages/web/1 0.yaml"]


async def test_a_missing_checkout_offers_nothing(disk: CatalogueOnDisk) -> None:
    assert ids(await disk.refresh("a")) == []


@pytest.mark.parametrize("link", ["packages", "package", "manifest"])
async def test_a_symlink_leads_nowhere(disk: CatalogueOnDisk, tmp_path: Path, link: str) -> None:
    secret = CatalogueOnDisk(tmp_path / "outside").write("x", "secret", "1", "secret")
    checkout = disk.base / "a"
    target, place = {
        "packages": (secret.parents[1], checkout / "packages"),
        "package": (secret.parent, checkout / "packages/secret"),
        "manifest": (secret, checkout / "packages/secret/1.yaml"),
    }[link]
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    catalogue = await disk.refresh("a")
    assert ids(catalogue) == []
    with pytest.raises(NotFound):
        read_manifest(checkout, PackageName("secret"), Version("1"))
    assert disk.load.loaded == []


async def test_a_featured_file_that_is_a_symlink_is_not_read(disk: CatalogueOnDisk, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('["secret"]')
    (disk.base / "a").mkdir()
    (disk.base / "a/featured.json").symlink_to(tmp_path / "outside.json")
    disk.write("a", "web", "1")
    (group,) = (await disk.refresh("a")).groups()
    assert group.featured == ()


async def test_a_manifest_that_is_a_fifo_or_too_large_is_not_read(disk: CatalogueOnDisk) -> None:
    disk.write("a", "large", "1", "x" * (MANIFEST_MAX_BYTES + 1))
    (disk.base / "a/packages/pipe").mkdir()
    os.mkfifo(disk.base / "a/packages/pipe/1.yaml")
    catalogue = await disk.refresh("a")
    assert ids(catalogue) == ["a/large@1"]
    assert isinstance(catalogue.entries()[0].summary.error, Invalid)


@pytest.mark.conformance("CAT-01")
async def test_featured_names_mark_their_packages(disk: CatalogueOnDisk) -> None:
    disk.write("a", "web", "1")
    disk.write("a", "db", "1")
    (disk.base / "a/featured.json").write_text('["web", "gone", "web"]')
    catalogue = await disk.refresh("a")
    assert catalogue.groups()[0].featured == ("web", "gone")
    assert [(listing.id.name, listing.featured) for listing in catalogue.entries()] == [("db", False), ("web", True)]


@pytest.mark.parametrize("text", ["{}", "[1]", "nonsense", "[" * 100_000])
async def test_a_bad_featured_file_is_told_and_hides_nothing(disk: CatalogueOnDisk, text: str) -> None:
    disk.write("a", "web", "1")
    (disk.base / "a/featured.json").write_text(text)
    catalogue = await disk.refresh("a")
    assert ids(catalogue) == ["a/web@1"]
    assert catalogue.groups()[0].featured == ()
    assert [problem.path for problem in catalogue.problems("a")] == ["featured.json"]

"""A refresh reads as little as it can and misses nothing: it finds what a first index of the same files finds."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.githttp import GitServer, served
from tests.support.gitrepo import Upstream
from tests.support.manifests import CountingLoader, numeric_version
from townos.git import GitClient, GitUrl
from townos.git.libgit2_client import Libgit2Client
from townos.limits import CATALOGUE_BATCH_FILES
from townos.names import RepositoryName
from townos.repositories import Catalogue, directories
from townos.testing.git import FakeGitClient

CORE = RepositoryName("core")
HOUR = 3_600_000_000_000


def later() -> int:
    """An hour from now: every file was written long ago, so each stamp is trusted."""
    return time.time_ns() + HOUR


def indexed(base: Path, git: GitClient | None = None) -> tuple[Catalogue, CountingLoader]:
    loader = CountingLoader()
    catalogue = Catalogue(base, git or FakeGitClient(), loader, numeric_version, later)
    catalogue.arrange([CORE])
    return catalogue, loader


def everything(catalogue: Catalogue) -> object:
    """All that a catalogue answers, in values that compare."""
    return (
        [
            (
                group.featured,
                [(one.id, one.featured, one.summary.description, str(one.summary.error)) for one in group.packages],
            )
            for group in catalogue.groups()
        ],
        [(one.id, catalogue.versions(one.id.name)) for one in catalogue.entries()],
        [str(problem.term) for problem in catalogue.problems(CORE)],
    )


async def first_index(base: Path) -> object:
    catalogue, _ = indexed(base)
    await catalogue.refresh(CORE)
    return everything(catalogue)


class Checkout:
    """A checkout that somebody edits. Each change gets a time of its own, however fast the test is."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.path = base / CORE
        self._times = count(time.time_ns(), 1_000_000_000)

    def file(self, package: str, version: str) -> Path:
        return self.path / "packages" / package / f"{version}.yaml"

    def write(self, package: str, version: str, text: str) -> None:
        """Write into the file, which stays the same one if it is there."""
        path = self.file(package, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        places = (path,) if path.exists() else (path, path.parent)
        path.write_text(text)
        self._touch(*places)

    def replace(self, package: str, version: str, text: str) -> None:
        """Make another file in place of it."""
        self.file(package, version).unlink(missing_ok=True)
        self.write(package, version, text)

    def remove(self, package: str, version: str) -> None:
        self.file(package, version).unlink(missing_ok=True)
        if self.file(package, version).parent.exists():
            self._touch(self.file(package, version).parent)

    def remove_package(self, package: str) -> None:
        shutil.rmtree(self.path / "packages" / package, ignore_errors=True)

    def feature(self, names: str) -> None:
        self.path.mkdir(exist_ok=True)
        (self.path / "featured.json").write_text(names)

    def swap(self) -> None:
        """Put a copy in place of the whole checkout."""
        if self.path.exists():
            shutil.copytree(self.path, self.base / "copy", symlinks=True)
            shutil.rmtree(self.path)
            (self.base / "copy").rename(self.path)

    def link(self, package: str, version: str) -> None:
        """Put a symlink in place of a manifest."""
        path = self.file(package, version)
        self.replace(package, version, "")
        path.unlink()
        path.symlink_to("/etc/hostname")
        self._touch(path, path.parent)

    def _touch(self, *paths: Path) -> None:
        for path in paths:
            moment = next(self._times)
            os.utime(path, ns=(moment, moment), follow_symlinks=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


async def test_only_the_highest_version_of_a_package_is_read(checkout: Checkout) -> None:
    for version in ("1.9", "1.10", "1.2"):
        checkout.write("web", version, "web")
    checkout.write("db", "1", "db")
    catalogue, loader = indexed(checkout.base)
    await catalogue.refresh(CORE)
    assert loader.loaded == ["db/1", "web/1.10"]
    assert catalogue.versions("web") == ["1.10", "1.9", "1.2"]


async def test_the_next_version_is_read_when_the_highest_one_goes(checkout: Checkout) -> None:
    checkout.write("web", "1", "old")
    checkout.write("web", "2", "new")
    catalogue, loader = indexed(checkout.base)
    await catalogue.refresh(CORE)
    checkout.remove("web", "2")
    await catalogue.refresh(CORE)
    assert loader.loaded == ["web/2", "web/1"]
    assert [listing.summary.description for listing in catalogue.entries()] == ["old"]


async def test_a_change_of_a_lower_version_reads_nothing(checkout: Checkout) -> None:
    checkout.write("web", "1", "old")
    checkout.write("web", "2", "new")
    catalogue, loader = indexed(checkout.base)
    await catalogue.refresh(CORE)
    checkout.replace("web", "1", "broken")
    await catalogue.refresh(CORE)
    assert loader.loaded == ["web/2"]


async def test_an_edit_in_place_is_seen_though_its_directory_has_not_changed(checkout: Checkout) -> None:
    checkout.write("web", "1", "before")
    catalogue, _ = indexed(checkout.base)
    await catalogue.refresh(CORE)
    with checkout.file("web", "1").open("r+") as file:
        file.write("after ")
    await catalogue.refresh(CORE)
    assert [listing.summary.description for listing in catalogue.entries()] == ["after "]


async def test_a_directory_that_has_not_changed_is_not_listed_again(checkout: Checkout) -> None:
    checkout.write("web", "1", "web")
    seen = directories.look(checkout.path, now=later)
    again = directories.look(checkout.path, seen, later)
    assert again.directories["web"] is seen.directories["web"]


async def test_a_directory_that_was_changed_this_moment_is_listed_again(checkout: Checkout) -> None:
    """The next change could carry the same time."""
    checkout.write("web", "1", "web")
    moment = checkout.file("web", "1").parent.stat().st_ctime_ns
    seen = directories.look(checkout.path, now=lambda: moment)
    again = directories.look(checkout.path, seen, later)
    assert again.directories["web"] is not seen.directories["web"]
    assert directories.look(checkout.path, again, later).directories["web"] is again.directories["web"]


async def test_an_unchanged_package_stays_the_same_object(checkout: Checkout) -> None:
    checkout.write("db", "1", "db")
    checkout.write("web", "1", "web")
    catalogue, _ = indexed(checkout.base)
    await catalogue.refresh(CORE)
    (before, _) = catalogue.entries()
    checkout.replace("web", "1", "changed")
    await catalogue.refresh(CORE)
    assert catalogue.entries()[0] is before


async def test_more_packages_than_a_batch_are_all_read(checkout: Checkout) -> None:
    for number in range(2 * CATALOGUE_BATCH_FILES + 1):
        checkout.write(f"p{number}", "1", "text")
    catalogue, loader = indexed(checkout.base)
    await catalogue.refresh(CORE)
    assert len(catalogue.entries()) == len(set(loader.loaded)) == 2 * CATALOGUE_BATCH_FILES + 1


async def test_a_mistake_keeps_nothing_of_earlier_refreshes_alive(checkout: Checkout) -> None:
    checkout.write("web", "1", "broken")
    checkout.write("we b", "1", "text")
    (checkout.file("web", "1").parent / "1 0.yaml").write_text("text")
    catalogue, _ = indexed(checkout.base)
    await catalogue.refresh(CORE)
    problems = [problem.error for problem in catalogue.problems(CORE)]
    assert len(problems) == 2
    assert [error.__traceback__ for error in (*problems, catalogue.entries()[0].summary.error) if error] == [None] * 3


PACKAGES = st.sampled_from(["web", "db"])
VERSIONS = st.sampled_from(["2", "10"])
TEXTS = st.sampled_from(["one", "two", "broken"])
Change = Callable[[Checkout], None]
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(lambda p, v, t: lambda c: c.write(p, v, t), PACKAGES, VERSIONS, TEXTS),
    st.builds(lambda p, v, t: lambda c: c.replace(p, v, t), PACKAGES, VERSIONS, TEXTS),
    st.builds(lambda p, v: lambda c: c.remove(p, v), PACKAGES, VERSIONS),
    st.builds(lambda p, v: lambda c: c.link(p, v), PACKAGES, VERSIONS),
    st.builds(lambda p: lambda c: c.remove_package(p), PACKAGES),
    st.builds(lambda t: lambda c: c.feature(t), st.sampled_from(['["web"]', '["db", "web"]', "[]", "nonsense"])),
    st.sampled_from(
        [lambda c: c.swap(), lambda c: c.write("we b", "1", "text"), lambda c: c.write("web", "1 0", "text")]
    ),
)


@settings(max_examples=examples(60))
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=3, max_size=8))
async def test_a_refresh_finds_the_same_as_a_first_index(steps: Sequence[Sequence[Change]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        checkout = Checkout(Path(directory))
        catalogue, _ = indexed(checkout.base)
        for changes in steps:
            for change in changes:
                change(checkout)
            await catalogue.refresh(CORE)
            assert everything(catalogue) == await first_index(checkout.base)


class Clone:
    """A clone of a repository that somebody pushes to, and its catalogue."""

    def __init__(self, directory: Path, upstream: Upstream, server: GitServer) -> None:
        self.upstream = upstream
        self.url = GitUrl.parse(server.url("core.git")).with_credentials(server.username, server.password)
        self.base = directory / "repos"
        self.path = self.base / CORE
        self.git = Libgit2Client(directory)
        self.catalogue, self.loader = indexed(self.base, self.git)

    async def opened(self) -> "Clone":
        self.base.mkdir()
        await self.git.clone(self.url, self.base, CORE)
        await self.catalogue.refresh(CORE)
        self.loader.loaded.clear()
        return self

    async def reads(self) -> list[str]:
        """Refresh, compare with a first index, and return what was read."""
        await self.catalogue.refresh(CORE)
        assert everything(self.catalogue) == await first_index(self.base)
        return self.loader.loaded


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    files = {f"packages/{name}/1.yaml": name for name in ("db", "mail", "web")}
    upstream = Upstream.create(tmp_path / "server", "core", {**files, "featured.json": '["web"]'})
    with served(tmp_path / "server", "town", "s3cret") as server:
        yield Clone(tmp_path, upstream, server)


async def test_only_the_files_of_a_new_commit_are_read(clone: Clone) -> None:
    await clone.opened()
    clone.upstream.push({"packages/mail/1.yaml": "changed", "packages/new/1.yaml": "new", "packages/db/1.yaml": None})
    await clone.git.pull(clone.path, url=clone.url)
    assert await clone.reads() == ["mail/1", "new/1"]
    assert [listing.id.name for listing in clone.catalogue.entries()] == ["mail", "new", "web"]


async def test_only_differing_files_are_read_after_a_switch_of_branch(clone: Clone) -> None:
    clone.upstream.push({"packages/web/1.yaml": "beta"}, branch="beta")
    await clone.opened()
    await clone.git.checkout(clone.path, "beta")
    assert await clone.reads() == ["web/1"]
    await clone.git.checkout(clone.path, "main")
    assert await clone.reads() == ["web/1", "web/1"]


async def test_packages_dropped_by_a_forced_push_are_gone(clone: Clone) -> None:
    clone.upstream.push({"packages/web/2.yaml": "mistake"})
    await clone.opened()
    clone.upstream.rewind()
    clone.upstream.push({"packages/mail/1.yaml": "again"}, "--force")
    await clone.git.pull(clone.path, url=clone.url)
    assert await clone.reads() == ["mail/1", "web/1"]
    assert clone.catalogue.versions("web") == ["1"]


async def test_a_local_edit_is_seen_and_stays_over_a_pull(clone: Clone) -> None:
    await clone.opened()
    (clone.path / "packages/web/1.yaml").write_text("mine")
    assert await clone.reads() == ["web/1"]
    clone.upstream.push({"packages/db/1.yaml": "theirs"})
    await clone.git.stash(clone.path)
    await clone.git.pull(clone.path, url=clone.url)
    await clone.git.stash_apply(clone.path)
    await clone.reads()
    texts = {listing.id.name: listing.summary.description for listing in clone.catalogue.entries()}
    assert texts == {"db": "theirs", "mail": "mail", "web": "mine"}


async def test_a_pull_whose_index_never_came_is_seen_by_the_next_refresh(clone: Clone) -> None:
    await clone.opened()
    for text in ("first", "second"):
        clone.upstream.push({"packages/web/1.yaml": text})
        await clone.git.pull(clone.path, url=clone.url)
    assert await clone.reads() == ["web/1"]
    assert clone.catalogue.entries()[2].summary.description == "second"


async def test_a_replaced_checkout_is_read_anew(clone: Clone) -> None:
    await clone.opened()
    shutil.move(clone.path, clone.base / "old")
    clone.upstream.push({"packages/web/1.yaml": "changed"})
    await clone.git.clone(clone.url, clone.base, CORE)
    assert await clone.reads() == ["db/1", "mail/1", "web/1"]

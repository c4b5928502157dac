"""Adding, removing, ordering and refreshing repositories, with a git client that is not git."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.support.manifests import CountingLoader, numeric_version
from tests.support.waiting import wait_until
from townos.errors import Conflict, Internal, Invalid, NotFound
from townos.git.errors import GitAuthFailed, GitConflict, GitFailed, GitUnreachable
from townos.git.url import Credentials
from townos.limits import REPOSITORY_PROBLEMS_SHOWN, REPOSITORY_REFRESH_SECONDS
from townos.repositories.catalogue import Catalogue
from townos.repositories.repository import Repository, RepositoryInfo
from townos.repositories.service import Repositories
from townos.testing.clock import FakeClock
from townos.testing.git import FakeGitClient, GitCall

CORE, EXTRAS = "https://git.example/core", "https://git.example/extras"


class WatchedClock(FakeClock):
    """Knows how many wait for it, so that a test moves it only when somebody does."""

    sleepers = 0

    async def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        try:
            await super().sleep(seconds)
        finally:
            self.sleepers -= 1


class TwoServers:
    """Repositories over a fake git client with two servers."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.git = FakeGitClient()
        self.git.remotes[CORE] = {"packages/web/1.yaml": b"web"}
        self.git.remotes[EXTRAS] = {"packages/db/1.yaml": b"db"}
        self.clock = WatchedClock()
        self.catalogue: Catalogue = Catalogue(base, self.git, CountingLoader(), numeric_version)
        self.credentials: Credentials | None = None
        self.repositories = self.made()

    def made(self, *seeds: Repository) -> Repositories:
        self.repositories = Repositories(
            self.base,
            git=self.git,
            catalogue=self.catalogue,
            clock=self.clock,
            seeds=seeds,
            default_credentials=self.credentials,
        )
        return self.repositories

    @property
    def names(self) -> list[str]:
        return [entry.name for entry in self.repositories.list()]

    @property
    def packages(self) -> list[str]:
        return [str(listing.id) for listing in self.catalogue.entries()]

    @property
    def directories(self) -> list[str]:
        return sorted(path.name for path in self.base.iterdir() if path.is_dir())


@pytest.fixture
async def setup(tmp_path: Path) -> TwoServers:
    setup = TwoServers(tmp_path / "repos")
    await setup.repositories.open()
    return setup


@pytest.mark.conformance("REPO-03")
async def test_an_added_repository_is_cloned_stored_and_listed(setup: TwoServers) -> None:
    assert await setup.repositories.add("mine", CORE, "town", "s3cret") == "mine"
    assert setup.directories == ["mine"]
    assert setup.packages == ["mine/web@1"]
    assert list(setup.repositories.infos()) == [RepositoryInfo("mine", CORE, "town")]
    assert "town:s3cret@" in (setup.base / "repositories.json").read_text()


async def test_the_name_is_the_last_part_of_the_url(setup: TwoServers) -> None:
    setup.git.remotes["https://git.example/a/more.git"] = {}
    assert await setup.repositories.add("", "https://git.example/a/more.git") == "more"


@pytest.mark.parametrize(("username", "password"), [("town", ""), ("", "s3cret")])
async def test_a_username_and_a_password_are_accepted_only_together(
    setup: TwoServers, username: str, password: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await setup.repositories.add("core", CORE, username, password)
    assert [field.name for field in refused.value.fields] == ["password" if username else "username"]
    assert setup.git.calls == []


async def test_an_administrator_without_credentials_gives_those_of_the_system(tmp_path: Path) -> None:
    setup = TwoServers(tmp_path / "repos")
    setup.credentials = Credentials("system", "default")
    await setup.made().open()
    await setup.repositories.add("core", CORE, by_admin=True)
    (call,) = setup.git.calls_of("clone")
    assert (call.args[0].username, call.args[0].password) == ("system", "default")
    assert setup.repositories.infos()[0].username == "system"


async def test_system_credentials_go_only_to_hosts_that_an_administrator_added(tmp_path: Path) -> None:
    setup = TwoServers(tmp_path / "repos")
    setup.credentials = Credentials("system", "default")
    await setup.made().open()
    await setup.repositories.add("core", CORE)
    await setup.made().open()
    await setup.repositories.refresh_all()
    (cloned,), (pulled,) = setup.git.calls_of("clone"), setup.git.calls_of("pull")
    for url in (cloned.args[0], pulled.kwargs["url"]):
        assert (url.username, url.password, url.own_keys) == ("", "", False)
    assert "default" not in (setup.base / "repositories.json").read_text()


async def test_a_repository_of_an_administrator_may_be_shown_the_keys_of_the_system(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE, by_admin=True)
    await setup.repositories.refresh_all()
    (cloned,), (pulled,) = setup.git.calls_of("clone"), setup.git.calls_of("pull")
    assert (cloned.args[0].own_keys, pulled.kwargs["url"].own_keys) == (True, True)


@pytest.mark.parametrize(
    "name", ["../x", ".hidden", "a/b", "installed", "responses", "monitoring", "last", "last_refreshed", "x" * 129]
)
async def test_names_that_would_lead_astray_are_refused(setup: TwoServers, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await setup.repositories.add(name, CORE)
    assert [field.name for field in refused.value.fields] == ["name"]
    assert (setup.names, setup.directories, setup.git.calls) == ([], [], [])


@pytest.mark.parametrize("url", ["file:///etc", "/etc", "git@host:path", "ext::sh", "https://169.254.169.254/x", ""])
async def test_addresses_that_are_not_allowed_are_refused(setup: TwoServers, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        await setup.repositories.add("core", url)
    assert [field.name for field in refused.value.fields] == ["url"]
    assert setup.git.calls == []


async def test_a_second_repository_of_the_same_name_is_a_conflict(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    with pytest.raises(Conflict):
        await setup.repositories.add("core", EXTRAS)
    assert setup.packages == ["core/web@1"]


async def test_a_failed_add_leaves_nothing(setup: TwoServers) -> None:
    setup.git.errors["clone"] = GitAuthFailed("git.auth_failed", "git.example")
    with pytest.raises(GitFailed):
        await setup.repositories.add("core", CORE)
    assert (setup.names, setup.directories) == ([], [])


async def test_a_cancelled_add_leaves_nothing(setup: TwoServers) -> None:
    async def forever(_call: GitCall) -> None:
        await trio.sleep_forever()

    setup.git.results["clone"] = forever
    async with trio.open_nursery() as nursery:
        nursery.start_soon(setup.repositories.add, "core", CORE)
        await wait_until(lambda: bool(setup.git.calls_of("clone")))
        nursery.cancel_scope.cancel()
    assert (setup.names, setup.directories) == ([], [])


async def test_an_add_whose_file_cannot_be_written_leaves_nothing(setup: TwoServers) -> None:
    (setup.base / "repositories.json").write_text("broken by hand")
    with pytest.raises(Internal):
        await setup.repositories.add("core", CORE)
    assert (setup.names, setup.directories, setup.packages) == ([], [], [])


async def test_one_of_two_simultaneous_adds_wins(setup: TwoServers) -> None:
    outcomes: list[str] = []

    async def add(url: str) -> None:
        try:
            outcomes.append(await setup.repositories.add("same", url))
        except Conflict:
            outcomes.append("conflict")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(add, CORE)
        nursery.start_soon(add, EXTRAS)
    assert sorted(outcomes) == ["conflict", "same"]
    assert setup.names == setup.directories == ["same"]


async def test_many_adds_at_once_are_all_kept(setup: TwoServers) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(12):
            nursery.start_soon(setup.repositories.add, f"r{number}", CORE)
    await setup.made().open()
    assert sorted(setup.names) == sorted(f"r{number}" for number in range(12)) == setup.directories


async def test_an_add_replaces_the_remains_of_an_earlier_one(setup: TwoServers) -> None:
    (setup.base / "core").mkdir()
    (setup.base / "core" / "left").write_text("over")
    await setup.repositories.add("core", CORE)
    assert not (setup.base / "core/left").exists()
    assert setup.directories == ["core"]


@pytest.mark.conformance("REPO-04")
async def test_a_removed_repository_is_gone_with_its_checkout(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    await setup.repositories.add("extras", EXTRAS)
    await setup.repositories.remove("core")
    assert (setup.names, setup.directories, setup.packages) == (["extras"], ["extras"], ["extras/db@1"])
    with pytest.raises(NotFound):
        await setup.repositories.remove("core")


async def test_an_installed_package_outlives_its_repository(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    installed = setup.base / "installed.yaml"
    installed.hardlink_to(setup.base / "core/packages/web/1.yaml")
    await setup.repositories.remove("core")
    assert installed.read_bytes() == b"web"


async def test_a_removal_does_not_wait_for_a_refresh_that_hangs(setup: TwoServers) -> None:
    async def forever(_call: GitCall) -> None:
        await trio.sleep_forever()

    await setup.repositories.add("core", CORE)
    setup.git.results["pull"] = forever
    async with trio.open_nursery() as nursery:
        nursery.start_soon(setup.repositories.refresh_all)
        await wait_until(lambda: bool(setup.git.calls_of("pull")))
        await setup.repositories.remove("core")
    assert (setup.names, setup.directories, setup.packages) == ([], [], [])


@pytest.mark.conformance("REPO-05")
@pytest.mark.parametrize(
    ("name", "position", "order"),
    [("c", 0, "cab"), ("a", 1, "bac"), ("a", 99, "bca"), ("c", -5, "cab"), ("b", 1, "abc")],
)
async def test_a_moved_repository_has_the_clamped_position(
    setup: TwoServers, name: str, position: int, order: str
) -> None:
    for new in "abc":
        await setup.repositories.add(new, CORE)
    await setup.repositories.move(name, position)
    assert setup.names == list(order)
    assert setup.packages == [f"{order[0]}/web@1"]
    await setup.made().open()
    assert setup.names == list(order)


@pytest.mark.conformance("REPO-07")
async def test_files_that_cannot_be_used_are_told_and_hide_nothing(setup: TwoServers) -> None:
    setup.git.remotes[CORE] |= {"packages/we b/1.yaml": b"x", "packages/web/1 0.yaml": b"x", "featured.json": b"{}"}
    await setup.repositories.add("core", CORE, "town", "s3cret")
    (info,) = setup.repositories.infos()
    assert "packages/we b: " in str(info.error)
    assert "packages/web/1 0.yaml: " in str(info.error)
    assert "featured.json is not a list" in str(info.error)
    assert setup.packages == ["core/web@1"]
    assert await setup.repositories.refresh_all() == {}
    setup.git.remotes[CORE] = {"packages/web/1.yaml": b"web", "packages/we b/.keep": b""}
    await setup.repositories.refresh_all()
    error = str(setup.repositories.infos()[0].error)
    assert error.startswith("packages/we b: ")
    assert ";" not in error


async def test_many_bad_files_do_not_flood_the_list(setup: TwoServers) -> None:
    setup.git.remotes[CORE] |= {f"packages/web/bad {number}.yaml": b"x" for number in range(1_000)}
    await setup.repositories.add("core", CORE, "town", "s3cret")
    error = str(setup.repositories.infos()[0].error)
    assert error.count("packages/web/bad ") <= 2 * REPOSITORY_PROBLEMS_SHOWN
    assert error.endswith(f"and {1_000 - REPOSITORY_PROBLEMS_SHOWN} more")


async def test_an_unknown_repository_cannot_be_moved(setup: TwoServers) -> None:
    with pytest.raises(NotFound):
        await setup.repositories.move("core", 0)


@pytest.mark.conformance("REPO-06", "REPO-10")
async def test_a_repository_that_fails_blocks_no_other(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE, "town", "s3cret")
    await setup.repositories.add("extras", EXTRAS)
    del setup.git.remotes[CORE]
    setup.git.remotes[EXTRAS]["packages/new/1.yaml"] = b"new"
    errors = await setup.repositories.refresh_all()
    assert list(errors) == ["core"]
    assert "s3cret" not in str(errors)
    assert setup.packages == ["extras/db@1", "extras/new@1", "core/web@1"]
    assert [info.error is not None for info in setup.repositories.infos()] == [True, False]
    setup.git.remotes[CORE] = {}
    assert await setup.repositories.refresh_all() == {}
    assert [info.error for info in setup.repositories.infos()] == [None, None]


async def test_a_repository_that_hangs_does_not_hold_up_the_others(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    await setup.repositories.add("extras", EXTRAS)
    setup.git.remotes[EXTRAS]["packages/new/1.yaml"] = b"new"
    original = setup.git.working_tree

    async def hang_for_core(call: GitCall) -> None:
        if call.args[0].name == "core":
            await trio.sleep_forever()
        async with original(call.args[0]):
            (call.args[0] / "packages/new").mkdir()
            (call.args[0] / "packages/new/1.yaml").write_bytes(b"new")

    setup.git.results["pull"] = hang_for_core
    async with trio.open_nursery() as nursery:
        nursery.start_soon(setup.repositories.refresh_all)
        await wait_until(lambda: "extras/new@1" in setup.packages)
        nursery.cancel_scope.cancel()


async def test_a_missing_checkout_is_cloned_again(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    await trio.to_thread.run_sync((setup.base / "core").rename, setup.base.parent / "away")
    assert await setup.repositories.refresh_all() == {}
    assert setup.packages == ["core/web@1"]


async def test_a_checkout_without_git_is_replaced(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    (setup.base / "core/.git").rename(setup.base.parent / "away")
    (setup.base / "core/stray").write_text("stray")
    assert await setup.repositories.refresh_all() == {}
    assert not (setup.base / "core/stray").exists()
    assert (setup.base / "core/.git").is_dir()


async def test_a_checkout_without_git_is_kept_while_its_server_is_gone(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    (setup.base / "core/.git").rename(setup.base.parent / "away")
    del setup.git.remotes[CORE]
    assert list(await setup.repositories.refresh_all()) == ["core"]
    assert setup.packages == ["core/web@1"]
    assert setup.directories == ["core"]


@pytest.mark.conformance("REPO-09", "GIT-17")
async def test_local_changes_survive_a_refresh(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    (setup.base / "core/packages/web/2.yaml").write_text("mine")
    setup.git.remotes[CORE] = {"packages/web/1.yaml": b"web", "packages/web/3.yaml": b"theirs"}
    assert await setup.repositories.refresh_all() == {}
    assert setup.catalogue.versions("web") == ["3", "2", "1"]
    methods = [call.method for call in setup.git.calls if call.method != "clone"]
    assert methods == ["stash", "pull", "stash_apply"]


async def test_local_changes_come_back_when_the_pull_fails(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    (setup.base / "core/packages/web/2.yaml").write_text("mine")
    setup.git.errors["pull"] = GitUnreachable("git.unreachable", "git.example", "no route")
    assert list(await setup.repositories.refresh_all()) == ["core"]
    assert setup.catalogue.versions("web") == ["2", "1"]


async def test_local_changes_come_back_when_the_refresh_is_cancelled(setup: TwoServers) -> None:
    async def forever(_call: GitCall) -> None:
        await trio.sleep_forever()

    await setup.repositories.add("core", CORE)
    (setup.base / "core/packages/web/2.yaml").write_text("mine")
    setup.git.results["pull"] = forever
    async with trio.open_nursery() as nursery:
        nursery.start_soon(setup.repositories.refresh_all)
        await wait_until(lambda: bool(setup.git.calls_of("pull")))
        nursery.cancel_scope.cancel()
    assert (setup.base / "core/packages/web/2.yaml").read_text() == "mine"


async def test_a_pull_and_an_apply_that_fail_are_both_told(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    setup.git.errors["pull"] = GitUnreachable("git.unreachable", "git.example", "no route")
    setup.git.errors["stash_apply"] = GitConflict("git.conflict", "core", "packages/web/1.yaml")
    errors = await setup.repositories.refresh_all()
    assert "no route" in str(errors["core"])
    assert "packages/web/1.yaml" in str(errors["core"])


async def test_refreshes_that_wait_together_share_one_run(setup: TwoServers) -> None:
    released = trio.Event()

    async def wait(_call: GitCall) -> None:
        await released.wait()

    await setup.repositories.add("core", CORE)
    setup.git.results["pull"] = wait
    async with trio.open_nursery() as nursery:
        nursery.start_soon(setup.repositories.refresh, "core")
        await wait_until(lambda: bool(setup.git.calls_of("pull")))
        for _ in range(5):
            nursery.start_soon(setup.repositories.refresh, "core")
        await trio.testing.wait_all_tasks_blocked()
        released.set()
    assert len(setup.git.calls_of("pull")) == 2  # the one under way, and one for all who asked after it began


async def test_an_entry_written_wrongly_by_hand_costs_no_other(setup: TwoServers) -> None:
    (setup.base / "repositories.json").write_text(
        f'[["../up", "{CORE}"], ["bad", "file:///etc"], {{"name": "core", "url": "{CORE}"}}]'
    )
    await setup.made().open()
    errors = await setup.repositories.refresh_all()
    assert list(errors) == ["../up", "bad"]
    assert setup.packages == ["core/web@1"]
    await setup.repositories.move("core", 0)
    assert setup.names == ["core", "../up", "bad"]
    await setup.repositories.remove("../up")
    assert setup.names == ["core", "bad"]
    assert setup.base.parent.is_dir()


async def test_remains_of_a_crash_are_removed_at_the_start(setup: TwoServers) -> None:
    for name in (".incoming-1", ".trash-1", ".core.clone-1"):
        (setup.base / name / "deep").mkdir(parents=True)
    (setup.base / ".tmp-1").write_text("half")
    await setup.made().open()
    assert sorted(path.name for path in setup.base.iterdir()) == [".lock", "repositories.json"]


async def test_opening_lists_the_packages_on_disk_without_the_network(setup: TwoServers) -> None:
    await setup.repositories.add("core", CORE)
    setup.git.errors["pull"] = setup.git.errors["clone"] = AssertionError("network")
    setup.catalogue.arrange([])
    await setup.made().open()
    assert setup.packages == ["core/web@1"]


@pytest.mark.conformance("REPO-02")
async def test_seeds_are_cloned_by_the_first_refresh(tmp_path: Path) -> None:
    setup = TwoServers(tmp_path / "repos")
    await setup.made(Repository("core", CORE)).open()
    assert (setup.names, setup.packages) == (["core"], [])
    assert await setup.repositories.refresh_all() == {}
    assert setup.packages == ["core/web@1"]


async def test_the_moment_of_a_refresh_is_written_down(setup: TwoServers) -> None:
    await setup.repositories.refresh_all()
    assert (setup.base / "last_refreshed").read_text() == "2026-01-01T00:00:00Z\n"


class TestServing:
    """The periodic refresh."""

    async def test_a_refresh_of_unknown_age_is_repeated_at_once(self, setup: TwoServers) -> None:
        async with serving(setup):
            await self.refreshed(setup, 0)
        assert (setup.base / "last_refreshed").exists()

    @pytest.mark.conformance("REPO-08")
    async def test_repositories_are_refreshed_every_five_minutes(self, setup: TwoServers) -> None:
        await setup.repositories.add("core", CORE)
        async with serving(setup):
            await self.refreshed(setup, 1)
            for count in (2, 3):
                setup.clock.advance(REPOSITORY_REFRESH_SECONDS - 1)
                await trio.testing.wait_all_tasks_blocked()
                assert len(setup.git.calls_of("pull")) == count - 1
                assert setup.clock.sleepers == 1
                setup.clock.advance(1)
                await self.refreshed(setup, count)

    async def test_a_young_refresh_is_not_repeated(self, setup: TwoServers) -> None:
        await setup.repositories.add("core", CORE)
        await setup.repositories.refresh_all()
        setup.clock.advance(100)
        await setup.made().open()
        async with serving(setup):
            await self.refreshed(setup, 1)
            assert len(setup.git.calls_of("pull")) == 1
            setup.clock.advance(REPOSITORY_REFRESH_SECONDS - 100)
            await self.refreshed(setup, 2)

    async def test_adding_and_removing_ask_for_a_refresh(self, setup: TwoServers) -> None:
        await setup.repositories.add("core", CORE)
        async with serving(setup):
            await self.refreshed(setup, 1)
            await setup.repositories.add("extras", EXTRAS)
            await self.refreshed(setup, 3)
            await setup.repositories.remove("extras")
            await self.refreshed(setup, 4)

    async def refreshed(self, setup: TwoServers, pulls: int) -> None:
        """Wait until there were so many pulls and the service waits for the next."""
        await wait_until(lambda: len(setup.git.calls_of("pull")) >= pulls and setup.clock.sleepers > 0)


@asynccontextmanager
async def serving(setup: TwoServers) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        await nursery.start(setup.repositories.serve)
        yield
        nursery.cancel_scope.cancel()

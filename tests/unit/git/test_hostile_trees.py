"""Repositories whose objects were made by hand to harm whoever checks them out."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pygit2
import pytest

from tests.support.gitrepo import Objects, git
from tests.unit.git.conftest import Host
from townos.git.bounds import Bounds
from townos.git.errors import GitRefused
from townos.git.libgit2_client import Libgit2Client
from townos.git.native import opening, trees, worktree

FILE, LINK, DIRECTORY, SUBMODULE = "100644", "120000", "40000", "160000"

NAMES = [
    "../victim",
    "../../place/victim",
    "a/../../victim",
    "/etc/victim",
    "..",
    ".",
    ".git",
    ".GIT",
    ".git ",
    ".git. .",
    ".git::$INDEX_ALLOCATION",
    "git~1",
    ".g\u200cit",
]


class Attack:
    """An upstream that publishes what it likes, and a file beside the checkouts that it would like to reach."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.objects = Objects(host.upstream.bare)
        self.base = git(host.upstream.bare, "rev-parse", "main")
        self.victim = host.place / "victim"
        self.victim.write_text("precious")

    def publish(self, *entries: tuple[str, str, str]) -> str:
        """Make a commit with these entries the newest one."""
        commit = self.objects.commit(self.objects.tree(*entries), self.base)
        git(self.host.upstream.bare, "update-ref", "refs/heads/main", commit)
        return commit

    def entry(self, mode: str, name: str) -> tuple[str, str, str]:
        """Return an entry of that kind and name, with a `victim` inside if it is a directory."""
        content = self.objects.blob(b"../victim")
        if mode == DIRECTORY:
            content = self.objects.tree((FILE, "victim", content))
        return mode, name, self.base if mode == SUBMODULE else content

    def bomb(self, depth: int) -> tuple[str, str, str]:
        """Return an entry that stands for ten to that power files, in as many objects as the power."""
        tree = self.objects.tree(*((FILE, f"{number}", self.objects.blob(b"x")) for number in range(10)))
        for _ in range(depth - 1):
            tree = self.objects.tree(*((DIRECTORY, f"{number}", tree) for number in range(10)))
        return DIRECTORY, "packages", tree

    def adopted(self, commit: str) -> None:
        """Leave the checkout as a version without these checks left it: on that commit."""
        git(self.host.repo, "fetch", "-q", str(self.host.upstream.bare), commit)
        git(self.host.repo, "update-ref", "refs/heads/main", commit)


@pytest.fixture
def attack(host: Host) -> Attack:
    return Attack(host)


@pytest.mark.parametrize("mode", [FILE, LINK, DIRECTORY, SUBMODULE])
@pytest.mark.parametrize("name", NAMES)
async def test_a_clone_of_names_that_lead_astray_is_refused_and_leaves_nothing(
    host: Host, attack: Attack, name: str, mode: str
) -> None:
    attack.publish(attack.entry(mode, name))
    with pytest.raises(GitRefused):
        await host.clone()
    assert [path.name for path in host.place.iterdir()] == ["victim"]
    assert attack.victim.read_text() == "precious"


@pytest.mark.parametrize("mode", [FILE, LINK, DIRECTORY, SUBMODULE])
@pytest.mark.parametrize("name", ["../victim", "..", ".git"])
async def test_a_pull_of_names_that_lead_astray_is_refused_and_touches_nothing(
    host: Host, attack: Attack, name: str, mode: str
) -> None:
    repo = await host.clone()
    attack.publish(attack.entry(mode, name))
    for _ in range(2):
        await host.client.stash(repo)
        with pytest.raises(GitRefused):
            await host.client.pull(repo, url=host.url)
    assert git(repo, "rev-parse", "HEAD") == attack.base
    assert (git(repo, "status", "--porcelain"), attack.victim.read_text()) == ("", "precious")


async def test_a_checkout_of_names_that_lead_astray_is_refused_and_touches_nothing(host: Host, attack: Attack) -> None:
    repo = await host.clone()
    commit = attack.publish(attack.entry(FILE, "../victim"))
    await host.client.fetch(repo, url=host.url)
    with pytest.raises(GitRefused):
        await host.client.checkout(repo, commit)
    assert git(repo, "rev-parse", "HEAD") == attack.base
    assert attack.victim.read_text() == "precious"


async def test_a_bad_name_is_found_at_any_depth(host: Host, attack: Attack) -> None:
    below = attack.objects.tree(attack.entry(FILE, "../../victim"))
    attack.publish((DIRECTORY, "packages", attack.objects.tree((DIRECTORY, "web", below))))
    with pytest.raises(GitRefused):
        await host.clone()


@pytest.mark.parametrize("modes", [(LINK, DIRECTORY), (DIRECTORY, LINK), (FILE, FILE)])
async def test_a_name_that_stands_there_twice_is_refused(host: Host, attack: Attack, modes: tuple[str, str]) -> None:
    attack.publish(*(attack.entry(mode, "packages") for mode in modes))
    with pytest.raises(GitRefused):
        await host.clone()


async def test_a_repository_that_recovers_is_pulled_again(host: Host, attack: Attack) -> None:
    repo = await host.clone()
    attack.publish(attack.entry(FILE, "../victim"))
    with pytest.raises(GitRefused):
        await host.client.pull(repo, url=host.url)
    good = attack.publish(attack.entry(FILE, "good"))
    await host.client.pull(repo, url=host.url)
    assert git(repo, "rev-parse", "HEAD") == good


@pytest.mark.parametrize("operation", ["stash", "stash_apply", "diff"])
async def test_nothing_is_done_to_a_checkout_that_already_has_such_a_commit(
    host: Host, attack: Attack, operation: str
) -> None:
    repo = await host.clone()
    attack.adopted(attack.publish(attack.entry(FILE, "../victim"), attack.entry(FILE, "../../place/victim")))
    with pytest.raises(GitRefused):
        await getattr(host.client, operation)(repo)
    assert attack.victim.read_text() == "precious"


async def test_an_interrupted_step_of_an_older_version_reaches_nothing_outside(host: Host, attack: Attack) -> None:
    repo = await host.clone()
    (repo / "a").unlink()
    (repo / ".git" / worktree.MARKER).write_text(json.dumps(["../victim", "a", "/etc/victim", ".git/config"]))
    assert not await host.client.diff(repo)
    assert ((repo / "a").read_text(), attack.victim.read_text()) == ("a\n", "precious")
    assert (repo / ".git/config").exists()


@pytest.mark.parametrize("path", ["../victim", "a/../../victim", "", "/victim", ".git/config", "x//y", "./a"])
async def test_a_step_with_a_path_outside_the_tree_does_not_begin(host: Host, attack: Attack, path: str) -> None:
    repo = await host.clone()
    with opening.opened("test", repo) as opened:
        with pytest.raises(GitRefused), worktree.step(opened, ["a", path]):
            pytest.fail("it began")
        with pytest.raises(GitRefused):
            worktree._unlink(repo, [path])
        with pytest.raises(GitRefused):
            worktree._tidy(repo, [f"{path}/x"])
    assert ((repo / "a").read_text(), attack.victim.read_text()) == ("a\n", "precious")
    assert (repo / ".git/config").exists()
    assert not (repo / ".git" / worktree.MARKER).exists()


class TestBounds:
    """Small to send, large to have."""

    async def test_a_clone_with_more_files_than_allowed_is_refused(self, host: Host, attack: Attack) -> None:
        attack.publish(attack.bomb(9))
        with pytest.raises(GitRefused) as refused:
            await host.clone()
        assert refused.value.code == "git.too_many_files"
        assert [path.name for path in host.place.iterdir()] == ["victim"]

    async def test_a_pull_of_more_files_than_allowed_is_refused(self, host: Host, attack: Attack) -> None:
        repo = await host.clone()
        attack.publish(attack.bomb(9))
        with pytest.raises(GitRefused):
            await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == attack.base

    async def test_local_commits_are_not_merged_with_more_files_than_allowed(self, host: Host, attack: Attack) -> None:
        repo = await host.clone()
        (repo / "mine").write_text("mine")
        await host.client.add(repo, "mine")
        made = await host.client.commit(repo, "mine")
        attack.publish(attack.bomb(9))
        with pytest.raises(GitRefused):
            await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == made

    async def test_a_repeated_blob_counts_as_often_as_it_occurs(self, host: Host, attack: Attack) -> None:
        content = attack.objects.blob(b"x" * 1000)
        attack.publish(*((FILE, f"{number}", content) for number in range(10)))
        with pytest.raises(GitRefused) as refused:
            await self.bounded(host, tree_bytes=9_999).clone(host.url, host.place, "web")
        assert refused.value.code == "git.too_many_bytes"
        await self.bounded(host, tree_bytes=10_000).clone(host.url, host.place, "web")

    async def test_a_directory_that_is_too_large_is_not_even_read(
        self, host: Host, attack: Attack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trees, "GIT_DIRECTORY_MAX_BYTES", 100)
        attack.publish(*(attack.entry(FILE, f"{number}") for number in range(9)))
        with pytest.raises(GitRefused) as refused:
            await host.clone()
        assert refused.value.code == "git.directory_too_large"

    async def test_a_path_that_no_system_takes_is_refused(self, host: Host, attack: Attack) -> None:
        entry = attack.entry(FILE, "deep")
        for _ in range(21):
            entry = (DIRECTORY, "d" * 200, attack.objects.tree(entry))
        attack.publish(entry)
        with pytest.raises(GitRefused) as refused:
            await host.clone()
        assert refused.value.code == "git.path_too_long"

    @pytest.mark.parametrize("bounds", [{"received_bytes": 10_000}, {"received_objects": 20}])
    async def test_a_conversation_ends_when_more_comes_than_is_allowed(
        self, host: Host, tmp_path: Path, bounds: dict[str, int]
    ) -> None:
        repo = await host.clone()
        noise = random.Random(1)
        host.upstream.push({f"many/{number}": noise.randbytes(500).hex() for number in range(60)})
        client = self.bounded(host, **bounds)
        with pytest.raises(GitRefused) as refused:
            await client.clone(host.url, host.place, "again")
        assert refused.value.code == "git.too_much_received"
        with pytest.raises(GitRefused):
            await client.pull(repo, url=host.url)
        assert sorted(path.name for path in host.place.iterdir()) == ["web"]

    async def test_looking_at_a_tree_can_be_stopped(self, host: Host, attack: Attack) -> None:
        class Enough(Exception):
            pass

        looks = 0

        def stop() -> None:
            nonlocal looks
            looks += 1
            if looks == 3:
                raise Enough

        repo = await host.clone()
        commit = attack.publish(attack.bomb(3))
        await host.client.fetch(repo, url=host.url)
        with opening.opened("test", repo) as opened, pytest.raises(Enough):
            trees.check(opened, opened[commit].peel(pygit2.Tree), Bounds(), stop)

    @staticmethod
    def bounded(host: Host, **bounds: Any) -> Libgit2Client:
        return Libgit2Client(host.home, bounds=replace(Bounds(), **bounds))

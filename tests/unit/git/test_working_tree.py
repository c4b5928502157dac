"""Moving, stashing and committing on real repositories, with the git program as the oracle."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.support.gitrepo import git
from tests.unit.git.conftest import Host
from townos.errors import Invalid
from townos.git.bounds import Bounds
from townos.git.errors import GitConflict, GitFailed, GitNotFound
from townos.git.libgit2_client import Libgit2Client
from townos.git.native import opening, worktree
from townos.git.native.failures import translated


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def never() -> None:
    """Nobody stops this."""


async def committed(host: Host, files: dict[str, str], message: str = "mine") -> str:
    for name, text in files.items():
        write(host.repo / name, text)
    await host.client.add(host.repo, ".")
    return await host.client.commit(host.repo, message)


class TestPull:
    """Pull with rebase."""

    @pytest.mark.conformance("GIT-03")
    async def test_local_commits_end_up_on_top_of_the_upstream(self, host: Host) -> None:
        repo = await host.clone()
        await committed(host, {"mine": "1"}, "first")
        await committed(host, {"mine": "2"}, "second\n\nwith a body")
        theirs = host.upstream.push({"a": "theirs\n"})
        await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD~2") == theirs
        assert git(repo, "log", "-2", "--format=%s|%an|%b") == "second|Town OS|with a body\n\nfirst|Town OS|"
        assert (repo / "mine").read_text() == "2"
        assert git(repo, "status", "--porcelain") == ""

    async def test_a_local_commit_that_the_upstream_has_by_now_is_dropped(self, host: Host) -> None:
        repo = await host.clone()
        await committed(host, {"a": "same\n"})
        theirs = host.upstream.push({"a": "same\n", "c": "c\n"})
        await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == theirs

    async def test_local_commits_without_news_stay_as_they_are(self, host: Host) -> None:
        repo = await host.clone()
        made = await committed(host, {"mine": "1"})
        await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == made

    async def test_a_contradicting_local_commit_leaves_everything_as_it_was(self, host: Host) -> None:
        repo = await host.clone()
        made = await committed(host, {"a": "mine\n"})
        host.upstream.push({"a": "theirs\n"})
        with pytest.raises(GitConflict):
            await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == made
        assert (git(repo, "status", "--porcelain"), (repo / "a").read_text()) == ("", "mine\n")

    async def test_a_forced_push_is_followed_without_replaying_dropped_commits(self, host: Host) -> None:
        repo = await host.clone()
        host.upstream.push({"a": "dropped\n", "only-here": "x"})
        await host.client.pull(repo, url=host.url)
        git(host.upstream.work, "reset", "-q", "--hard", "HEAD~1")
        theirs = host.upstream.push({"a": "other\n"}, "--force")
        await host.client.pull(repo, url=host.url)
        assert git(repo, "rev-parse", "HEAD") == theirs
        assert not (repo / "only-here").exists()

    async def test_a_dirty_file_elsewhere_survives(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "b", "mine\n")
        host.upstream.push({"a": "theirs\n"})
        await host.client.pull(repo, url=host.url)
        assert ((repo / "a").read_text(), (repo / "b").read_text()) == ("theirs\n", "mine\n")

    @pytest.mark.parametrize("ignored", [False, True])
    async def test_an_untracked_file_in_the_way_is_never_lost(self, host: Host, ignored: bool) -> None:
        if ignored:
            host.upstream.push({".gitignore": "new\n"})
        repo = await host.clone()
        write(repo / "new", "mine")
        (host.upstream.work / "new").write_text("theirs")
        git(host.upstream.work, "add", "-f", "new")
        host.upstream.push({"a": "theirs\n"})
        with pytest.raises(GitConflict):
            await host.client.pull(repo, url=host.url)
        assert ((repo / "new").read_text(), (repo / "a").read_text()) == ("mine", "a\n")

    async def test_a_file_may_become_a_directory_and_back(self, host: Host) -> None:
        repo = await host.clone()
        (host.upstream.work / "a").unlink()
        host.upstream.push({"a/deep/file": "x\n"})
        await host.client.pull(repo, url=host.url)
        assert (repo / "a/deep/file").read_text() == "x\n"
        host.upstream.push({"a/deep/file": None})
        (host.upstream.work / "a/deep").rmdir()
        (host.upstream.work / "a").rmdir()
        host.upstream.push({"a": "file\n"})
        await host.client.pull(repo, url=host.url)
        assert (repo / "a").read_text() == "file\n"
        assert git(repo, "status", "--porcelain") == ""

    async def test_names_that_look_like_patterns_are_taken_literally(self, host: Host) -> None:
        repo = await host.clone()
        host.upstream.push({"[ab]*": "pattern\n", "b": None})
        write(repo / "a", "mine\n")
        await host.client.pull(repo, url=host.url)
        assert ((repo / "[ab]*").read_text(), (repo / "a").read_text()) == ("pattern\n", "mine\n")
        assert git(repo, "status", "--porcelain") == " M a"

    async def test_a_detached_head_has_nothing_to_pull(self, host: Host) -> None:
        repo = await host.clone()
        await host.client.checkout(repo, git(repo, "rev-parse", "HEAD"))
        with pytest.raises(GitFailed):
            await host.client.pull(repo, url=host.url)

    async def test_a_fetch_without_an_address_asks_the_remote_of_the_repository(self, host: Host) -> None:
        git(host.place, "clone", "-q", str(host.upstream.bare), "web")
        host.upstream.push({"a": "theirs\n"})
        await host.client.pull(host.repo)
        assert (host.repo / "a").read_text() == "theirs\n"

    async def test_a_symlink_in_the_place_of_a_directory_is_not_followed(self, host: Host, tmp_path: Path) -> None:
        repo = await host.clone()
        write(tmp_path / "outside/web/1.0.yaml", "precious")
        (repo / "packages").rename(tmp_path / "moved")
        (repo / "packages").symlink_to(tmp_path / "outside")
        host.upstream.push({"packages/web/1.0.yaml": None})
        await host.client.stash(repo)
        assert (tmp_path / "outside/web/1.0.yaml").read_text() == "precious"
        assert (repo / "packages/web/1.0.yaml").read_text() == "image: web\n"


class TestStash:
    """Stash and apply."""

    @pytest.mark.conformance("GIT-05")
    async def test_edits_additions_and_deletions_come_back(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "a", "mine\n")
        (repo / "b").unlink()
        write(repo / "new/file", "new\n")
        write(repo / "staged", "staged\n")
        await host.client.add(repo, "staged")
        assert await host.client.stash(repo)
        assert git(repo, "status", "--porcelain") == ""
        assert sorted(path.name for path in repo.iterdir()) == [".git", "a", "b", "packages"]
        assert await host.client.stash_apply(repo)
        assert (repo / "a").read_text() == "mine\n"
        assert not (repo / "b").exists()
        assert ((repo / "new/file").read_text(), (repo / "staged").read_text()) == ("new\n", "staged\n")
        assert git(repo, "stash", "list") == ""

    async def test_the_stash_can_be_applied_by_git(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "a", "mine\n")
        write(repo / "new", "new\n")
        await host.client.stash(repo)
        git(repo, "stash", "pop")
        assert ((repo / "a").read_text(), (repo / "new").read_text()) == ("mine\n", "new\n")

    async def test_changes_in_different_lines_are_merged(self, host: Host) -> None:
        lines = [f"{number}\n" for number in range(20)]
        host.upstream.push({"long": "".join(lines)})
        repo = await host.clone()
        write(repo / "long", "".join(["mine\n", *lines[1:]]))
        host.upstream.push({"long": "".join([*lines[:-1], "theirs\n"])})
        await host.client.stash(repo)
        await host.client.pull(repo, url=host.url)
        await host.client.stash_apply(repo)
        assert (repo / "long").read_text() == "".join(["mine\n", *lines[1:-1], "theirs\n"])

    async def test_a_conflict_is_raised_and_the_stash_is_kept(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "a", "mine\n")
        write(repo / "b", "mine too\n")
        host.upstream.push({"a": "theirs\n"})
        await host.client.stash(repo)
        await host.client.pull(repo, url=host.url)
        with pytest.raises(GitConflict) as conflict:
            await host.client.stash_apply(repo)
        assert "a" in conflict.value.params[1:]
        assert (git(repo, "status", "--porcelain"), (repo / "a").read_text()) == ("", "theirs\n")
        assert git(repo, "show", "stash@{0}:a") == "mine"

    @pytest.mark.parametrize("theirs", ["same", "other"])
    async def test_an_untracked_file_that_the_upstream_added_too(self, host: Host, theirs: str) -> None:
        repo = await host.clone()
        write(repo / "new", "same")
        await host.client.stash(repo)
        host.upstream.push({"new": theirs})
        await host.client.pull(repo, url=host.url)
        if theirs == "same":
            assert await host.client.stash_apply(repo)
            assert git(repo, "stash", "list") == ""
        else:
            with pytest.raises(GitConflict):
                await host.client.stash_apply(repo)
        assert (repo / "new").read_text() == theirs

    async def test_a_tree_that_got_dirty_again_is_not_overwritten(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "a", "first\n")
        await host.client.stash(repo)
        write(repo / "a", "second\n")
        with pytest.raises(GitConflict):
            await host.client.stash_apply(repo)
        assert (repo / "a").read_text() == "second\n"

    async def test_ignored_files_are_not_changes(self, host: Host) -> None:
        host.upstream.push({".gitignore": "*.tmp\n"})
        repo = await host.clone()
        write(repo / "x.tmp", "x")
        assert not await host.client.diff(repo)
        assert not await host.client.stash(repo)
        assert (repo / "x.tmp").exists()


class TestCrash:
    """A power cut in the middle of a step."""

    async def interrupted(self, host: Host, paths: list[str]) -> None:
        """Leave the repository as a crash between unlinking and writing would."""
        with opening.opened("test", host.repo) as repo:
            (Path(repo.path) / worktree.MARKER).write_text(json.dumps(paths))
            (Path(repo.path) / "index.lock").touch()
        for path in paths:
            (host.repo / path).unlink(missing_ok=True)

    async def test_an_interrupted_step_is_no_change_of_a_person(self, host: Host) -> None:
        repo = await host.clone()
        await self.interrupted(host, ["a", "b"])
        write(repo / "half", "written")
        await self.interrupted(host, ["a", "b", "half"])
        write(repo / "half", "written")
        assert not await host.client.diff(repo)
        assert ((repo / "a").read_text(), (repo / "half").exists()) == ("a\n", False)

    async def test_a_pull_after_an_interruption_succeeds(self, host: Host) -> None:
        repo = await host.clone()
        host.upstream.push({"a": "theirs\n"})
        await self.interrupted(host, ["a"])
        await host.client.pull(repo, url=host.url)
        assert (repo / "a").read_text() == "theirs\n"
        assert not (repo / ".git" / worktree.MARKER).exists()

    async def test_changes_of_a_person_elsewhere_are_kept(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "b", "mine\n")
        await self.interrupted(host, ["a"])
        assert await host.client.diff(repo)
        assert ((repo / "a").read_text(), (repo / "b").read_text()) == ("a\n", "mine\n")

    async def test_a_marker_that_was_only_half_written_is_dropped(self, host: Host) -> None:
        repo = await host.clone()
        (repo / ".git" / worktree.MARKER).write_text('["a')
        assert not await host.client.diff(repo)
        assert not (repo / ".git" / worktree.MARKER).exists()

    async def test_a_step_that_fails_puts_its_files_back(self, host: Host) -> None:
        repo = await host.clone()

        def fail() -> None:
            with opening.working_tree("test", repo, Bounds(), never) as opened, worktree.step(opened, ["a", "new"]):
                write(repo / "new", "half")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert git(repo, "status", "--porcelain") == ""
        assert (repo / "a").read_text() == "a\n"

    @pytest.mark.parametrize(("age", "locked"), [(0, True), (3600, False)])
    async def test_only_old_lock_files_are_taken_as_left_by_a_crash(self, host: Host, age: int, locked: bool) -> None:
        repo = await host.clone()
        lock = repo / ".git/index.lock"
        lock.touch()
        os.utime(lock, (time.time() - age, time.time() - age))
        write(repo / "mine", "mine")
        if locked:
            with pytest.raises(GitFailed):
                await host.client.add(repo, ".")
        else:
            await host.client.add(repo, ".")
            assert git(repo, "status", "--porcelain") == "A  mine"


class TestCheckout:
    """Branches, tags, hashes."""

    @pytest.mark.conformance("GIT-07")
    async def test_a_branch_of_the_remote_is_tracked(self, host: Host) -> None:
        git(host.upstream.work, "checkout", "-q", "-b", "side")
        write(host.upstream.work / "a", "side\n")
        git(host.upstream.work, "commit", "-qam", "side")
        git(host.upstream.work, "push", "-q", "origin", "side")
        repo = await host.clone()
        await host.client.checkout(repo, "side")
        assert git(repo, "rev-parse", "--abbrev-ref", "side@{upstream}") == "origin/side"
        assert (repo / "a").read_text() == "side\n"
        await host.client.checkout(repo, "main")
        assert git(repo, "rev-parse", "--abbrev-ref", "HEAD") == "main"
        assert ((repo / "a").read_text(), git(repo, "status", "--porcelain")) == ("a\n", "")

    @pytest.mark.conformance("GIT-07")
    @pytest.mark.parametrize("kind", ["tag", "annotated", "hash", "short"])
    async def test_a_tag_or_a_hash_detaches_head(self, host: Host, kind: str) -> None:
        first = git(host.upstream.work, "rev-parse", "HEAD")
        git(host.upstream.work, "tag", "v1")
        git(host.upstream.work, "tag", "-a", "v1a", "-m", "annotated")
        git(host.upstream.work, "push", "-q", "--tags", "origin")
        host.upstream.push({"a": "2\n"})
        repo = await host.clone()
        ref = {"tag": "v1", "annotated": "v1a", "hash": first, "short": first[:10]}[kind]
        await host.client.checkout(repo, ref)
        assert git(repo, "rev-parse", "HEAD") == first
        assert git(repo, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
        assert (repo / "a").read_text() == "a\n"

    async def test_an_unknown_revision_is_not_found(self, host: Host) -> None:
        repo = await host.clone()
        for ref in ("nothing", "0" * 40, "-x", "main^^^^"):
            with pytest.raises(GitNotFound):
                await host.client.checkout(repo, ref)

    async def test_a_change_in_the_way_is_never_lost(self, host: Host) -> None:
        first = git(host.upstream.work, "rev-parse", "HEAD")
        host.upstream.push({"a": "2\n"})
        repo = await host.clone()
        write(repo / "a", "mine\n")
        with pytest.raises(GitConflict):
            await host.client.checkout(repo, first)
        assert (repo / "a").read_text() == "mine\n"
        assert git(repo, "rev-parse", "--abbrev-ref", "HEAD") == "main"

    async def test_a_hard_link_made_before_a_checkout_keeps_its_old_bytes(self, host: Host) -> None:
        first = git(host.upstream.work, "rev-parse", "HEAD")
        host.upstream.push({"a": "2\n"})
        repo = await host.clone()
        os.link(repo / "a", host.place / "link")
        await host.client.checkout(repo, first)
        assert ((host.place / "link").read_text(), (repo / "a").read_text()) == ("2\n", "a\n")


class TestCommit:
    """Init, add, commit and who does it."""

    @pytest.mark.conformance("GIT-10")
    async def test_commits_without_a_user_are_made_by_town_os(self, host: Host, tmp_path: Path) -> None:
        await host.client.init(tmp_path / "new")
        write(tmp_path / "new/x", "x")
        await host.client.add(tmp_path / "new", ".")
        await host.client.commit(tmp_path / "new", "First")
        found = git(tmp_path / "new", "log", "--format=%an <%ae>|%cn|%s")
        assert found == "Town OS <town-os@localhost>|Town OS|First"

    @pytest.mark.conformance("GIT-10", "GIT-15")
    async def test_the_user_of_the_repository_comes_before_that_of_the_home(self, host: Host) -> None:
        write(host.home / ".gitconfig", "[user]\n\tname = Home\n\temail = home@example.org\n")
        repo = await host.clone()
        await committed(host, {"x": "1"})
        assert git(repo, "log", "-1", "--format=%an <%ae>") == "Home <home@example.org>"
        await host.client.run(repo, "config", "user.name", "Local")
        await host.client.run(repo, "config", "user.email", "local@example.org")
        await committed(host, {"x": "2"})
        assert git(repo, "log", "-1", "--format=%an <%ae>") == "Local <local@example.org>"
        assert "Local" not in (host.home / ".gitconfig").read_text()

    @pytest.mark.conformance("GIT-15")
    async def test_each_client_has_its_own_home(self, host: Host, tmp_path: Path) -> None:
        repo = await host.clone()
        for name in ("one", "two"):
            write(tmp_path / name / ".gitconfig", f"[user]\n\tname = {name}\n\temail = {name}@example.org\n")
            client = Libgit2Client(tmp_path / name)
            write(repo / "x", name)
            await client.add(repo, "x")
            await client.commit(repo, "x")
        assert git(repo, "log", "-2", "--format=%an") == "two\none"

    @pytest.mark.conformance("GIT-15")
    async def test_the_configuration_of_the_process_owner_is_not_read(
        self, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "owner/.gitconfig", f'[url "{tmp_path}/evil"]\n\tinsteadOf = http\n[user]\n\tname = x\n')
        monkeypatch.setenv("HOME", str(tmp_path / "owner"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "owner"))
        repo = await host.clone()
        await committed(host, {"x": "1"})
        assert git(repo, "log", "-1", "--format=%an") == "Town OS"

    @pytest.mark.conformance("GIT-09")
    async def test_a_pathspec_stages_only_matching_files(self, host: Host) -> None:
        repo = await host.clone()
        write(repo / "x/1.txt", "1")
        write(repo / "x/2.md", "2")
        write(repo / "y", "y")
        (repo / "a").unlink()
        await host.client.add(repo, "x/*.txt", "a")
        assert git(repo, "diff", "--cached", "--name-status") == "D\ta\nA\tx/1.txt"
        await host.client.add(repo, ".")
        assert git(repo, "diff", "--cached", "--name-only").split() == ["a", "x/1.txt", "x/2.md", "y"]

    async def test_a_pathspec_that_matches_nothing_is_an_error(self, host: Host) -> None:
        repo = await host.clone()
        with pytest.raises(GitNotFound):
            await host.client.add(repo, "nothing")

    async def test_init_of_a_repository_that_exists_keeps_it(self, host: Host) -> None:
        repo = await host.clone()
        await host.client.init(repo)
        assert (git(repo, "status", "--porcelain"), (repo / "a").read_text()) == ("", "a\n")


class TestRun:
    """The subcommands, compared with git's own output."""

    @pytest.mark.conformance("GIT-12")
    @pytest.mark.parametrize(
        "command",
        [
            "config remote.origin.fetch",
            "config --get core.bare",
            "branch",
            "branch --show-current",
            "rev-parse HEAD",
            "rev-parse --abbrev-ref HEAD",
            "rev-parse --abbrev-ref origin/main",
            "rev-parse --short HEAD",
            "log --format=%H|%h|%T|%P|%an|%ae|%at|%aI|%cn|%ce|%ct|%s|%%",
            "log --oneline -n 1",
            "log -1 --format=%B",
            "log",
            "log --max-count=1 HEAD~1",
            "status --porcelain",
        ],
    )
    async def test_the_output_is_that_of_git(self, host: Host, command: str) -> None:
        host.upstream.push({"a": "2\n"})
        repo = await host.clone()
        write(repo / "a", "mine\n")
        write(repo / "new/x", "x")
        write(repo / "staged", "x")
        git(repo, "branch", "side")
        await host.client.add(repo, "staged")
        assert await host.client.run(repo, *command.split()) == git(repo, *command.split())

    @pytest.mark.conformance("GIT-12")
    async def test_settings_can_be_written_and_removed(self, host: Host) -> None:
        repo = await host.clone()
        await host.client.run(repo, "config", "town.key", "value with = and ]")
        assert git(repo, "config", "town.key") == "value with = and ]"
        await host.client.run(repo, "config", "--unset", "town.key")
        with pytest.raises(GitNotFound):
            await host.client.run(repo, "config", "town.key")

    @pytest.mark.conformance("GIT-12")
    async def test_branches_can_be_made_and_deleted(self, host: Host) -> None:
        repo = await host.clone()
        await host.client.run(repo, "branch", "side")
        assert git(repo, "branch", "--list", "side") == "  side"
        await host.client.run(repo, "branch", "-d", "side")
        assert git(repo, "branch", "--list", "side") == ""
        with pytest.raises(Invalid):
            await host.client.run(repo, "branch", "-D", "main")

    @pytest.mark.conformance("GIT-12")
    async def test_init_makes_a_repository(self, host: Host, tmp_path: Path) -> None:
        await host.client.run(tmp_path / "new", "init")
        assert git(tmp_path / "new", "rev-parse", "--is-inside-work-tree") == "true"

    @pytest.mark.parametrize(
        "args", [(), ("push",), ("config", "--global", "a.b"), ("log", "--graph"), ("status", "-b"), ("branch", "-m")]
    )
    async def test_anything_else_is_refused(self, host: Host, args: tuple[str, ...]) -> None:
        repo = await host.clone()
        with pytest.raises(Invalid):
            await host.client.run(repo, *args)

    @pytest.mark.conformance("GIT-11")
    async def test_rev_parse_gives_the_full_hash(self, host: Host) -> None:
        repo = await host.clone()
        head = git(repo, "rev-parse", "HEAD")
        for ref in ("HEAD", "main", "origin/main", head[:8], "refs/heads/main"):
            assert await host.client.rev_parse(repo, ref) == head
        with pytest.raises(GitNotFound):
            await host.client.rev_parse(repo, "nothing")


class TestErrors:
    """What people are told."""

    @pytest.mark.parametrize("broken", ["HEAD", "index"])
    async def test_a_broken_repository_is_named_without_its_place(
        self, host: Host, broken: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        repo = await host.clone()
        (repo / ".git" / broken).unlink()
        (repo / ".git" / broken).mkdir()
        (repo / ".git" / broken / "x").touch()
        caplog.set_level("INFO")
        with pytest.raises(GitFailed) as failed:
            await host.client.stash(repo)
        assert "web" in failed.value.text()
        assert str(host.place) not in failed.value.text()
        assert "git stash failed for web" in caplog.text

    async def test_a_missing_repository_is_reported_without_its_path(self, host: Host) -> None:
        repo = await host.clone()
        for operation in (host.client.checkout(repo, "nothing"), host.client.run(repo, "log", "nothing")):
            with pytest.raises(GitNotFound) as failed:
                await operation
            assert str(host.place) not in failed.value.text()

    def test_only_paths_of_this_machine_are_shortened(self) -> None:
        text = "could not open '/srv/repos/web/.git/index': see https://git.example/a/b and a/b"
        with pytest.raises(GitFailed) as failed, translated("pull", "web"):
            raise OSError(text)
        assert failed.value.params[2] == "could not open 'index': see https://git.example/a/b and a/b"

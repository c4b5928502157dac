"""Content of volumes on real repositories: what is made, whose it is, and what a failure or a crash leaves."""

import os
from pathlib import Path

import pytest
import trio

from tests.support.githttp import served
from tests.support.gitrepo import git
from tests.unit.git.conftest import FILES, Host
from townos.git import GitUrl
from townos.git.bounds import VOLUME_BOUNDS, Bounds
from townos.git.errors import GitConflict, GitFailed, GitRefused, GitTimeout, GitUnreachable
from townos.git.libgit2_client import Libgit2Client, Timeouts
from townos.git.native import opening, stashing, updating

OWNER = (70_001, 70_002)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def volume(host: Host) -> Path:
    made = host.place / "data"
    made.mkdir()
    return made


async def seed(host: Host, volume: Path, depth: int | None = None) -> None:
    await host.client.clone_into(host.url, volume, depth=depth)


def owners(directory: Path) -> dict[str, tuple[int, int]]:
    """Return the owner of everything below a directory."""
    found = {}
    for path in directory.rglob("*"):
        entry = path.lstat()
        found[str(path.relative_to(directory))] = entry.st_uid, entry.st_gid
    return found


class TestCloneInto:
    """Filling an empty directory."""

    async def test_credentials_stay_out_of_the_volume(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        stored = b"".join(path.read_bytes() for path in volume.rglob("*") if path.is_file())
        assert b"s3cret" not in stored

    async def test_depth_limits_the_history(self, host: Host, volume: Path) -> None:
        host.upstream.push({"a": "newer\n"})
        await seed(host, volume, depth=1)
        assert git(volume, "rev-list", "--count", "HEAD") == "1"
        host.upstream.push({"a": "newest\n"})
        await host.client.update(volume, host.url)
        assert (volume / "a").read_text() == "newest\n"

    @as_root
    async def test_a_cloned_volume_belongs_to_the_owner_of_its_directory(self, host: Host, volume: Path) -> None:
        os.chown(volume, *OWNER)
        await seed(host, volume)
        assert set(owners(volume).values()) == {OWNER}

    async def test_an_upstream_without_a_commit_gives_an_empty_repository(self, host: Host, volume: Path) -> None:
        git(host.upstream.bare.parent, "init", "-q", "--bare", "-b", "main", "empty.git")
        url = GitUrl.parse(host.server.url("empty.git")).with_credentials("town", "s3cret-p@ss")
        await host.client.clone_into(url, volume)
        assert [path.name for path in volume.iterdir()] == [".git"]
        await host.client.update(volume, url)
        assert [path.name for path in volume.iterdir()] == [".git"]

    @pytest.mark.parametrize(
        "bounds", [Bounds(received_bytes=100), Bounds(tree_entries=2), Bounds(tree_bytes=5), Bounds(received_objects=1)]
    )
    async def test_more_than_a_volume_may_be_is_refused_and_leaves_nothing(
        self, host: Host, volume: Path, bounds: Bounds
    ) -> None:
        host.upstream.push({"noise": os.urandom(5_000).hex()})
        with pytest.raises(GitRefused):
            await Libgit2Client(host.home, volume_bounds=bounds).clone_into(host.url, volume)
        assert list(volume.iterdir()) == []

    async def test_a_volume_may_be_larger_than_a_package_repository(self, host: Host, volume: Path) -> None:
        client = Libgit2Client(host.home, bounds=Bounds(tree_entries=1), volume_bounds=VOLUME_BOUNDS)
        await client.clone_into(host.url, volume)
        await client.update(volume, host.url)

    async def test_a_file_that_does_not_fit_into_memory_is_refused(
        self, host: Host, volume: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("townos.git.native.trees.GIT_FILE_MAX_BYTES", 5)
        with pytest.raises(GitRefused, match="a file larger than 5 bytes"):
            await seed(host, volume)

    async def test_a_cancel_leaves_the_directory_empty(self, host: Host, volume: Path, brief_silence: None) -> None:
        with host.server.silenced():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(seed, host, volume)
                await trio.to_thread.run_sync(host.server.asked.wait)
                nursery.cancel_scope.cancel()
        assert list(volume.iterdir()) == []

    async def test_a_clone_that_takes_too_long_is_undone(self, host: Host, volume: Path, brief_silence: None) -> None:
        client = Libgit2Client(host.home, timeouts=Timeouts(clone=0.05))
        with host.server.silenced(), pytest.raises((GitTimeout, GitUnreachable)):
            await client.clone_into(host.url, volume)
        assert list(volume.iterdir()) == []

    @pytest.mark.parametrize("target", ["http://169.254.169.254", "http://localhost:1"])
    async def test_redirects_are_looked_at_again(self, host: Host, volume: Path, target: str) -> None:
        await seed(host, volume)
        (host.place / "new").mkdir()
        host.server.redirect = target
        with pytest.raises(GitRefused):
            await host.client.clone_into(host.url, host.place / "new")
        with pytest.raises(GitRefused):
            await host.client.update(volume, host.url)


class TestUpdate:
    """Bringing what was filled up to date."""

    async def test_changes_of_both_sides_in_one_file_are_merged(self, host: Host, volume: Path) -> None:
        lines = [f"{number}\n" for number in range(20)]
        host.upstream.push({"long": "".join(lines)})
        await seed(host, volume)
        (volume / "long").write_text("".join(["mine\n", *lines[1:]]))
        host.upstream.push({"long": "".join([*lines[:-1], "theirs\n"])})
        await host.client.update(volume, host.url)
        assert (volume / "long").read_text() == "".join(["mine\n", *lines[1:-1], "theirs\n"])

    async def test_local_commits_end_up_on_top(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        git(volume, "commit", "-q", "-a", "-m", "mine")
        theirs = host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url)
        assert git(volume, "rev-parse", "HEAD~1") == theirs
        assert (volume / "b").read_text() == "mine\n"

    async def test_other_names_of_a_file_keep_the_old_content(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        os.link(volume / "a", volume / "mine")
        host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url)
        assert ((volume / "a").read_text(), (volume / "mine").read_text()) == ("theirs\n", FILES["a"])

    async def test_files_that_no_commit_has_are_not_copied_into_git(self, host: Host, volume: Path) -> None:
        """They can be gigabytes of somebody's pictures."""
        await seed(host, volume)
        (volume / "pictures").write_bytes(os.urandom(100_000))
        inode = (volume / "pictures").stat().st_ino
        (volume / "b").write_text("mine\n")
        host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url)
        assert (volume / "pictures").stat().st_ino == inode
        objects = sum(path.stat().st_size for path in (volume / ".git/objects").rglob("*") if path.is_file())
        assert objects < 50_000

    async def test_the_address_of_origin_becomes_the_given_one(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        with served(host.upstream.bare.parent, "town", "s3cret-p@ss") as other:
            moved = GitUrl.parse(other.url("web.git")).with_credentials("town", "s3cret-p@ss")
            await host.client.update(volume, moved)
        assert git(volume, "config", "remote.origin.url") == moved.bare

    @as_root
    async def test_updated_files_belong_to_the_owner_of_the_directory(self, host: Host, volume: Path) -> None:
        os.chown(volume, *OWNER)
        await seed(host, volume)
        os.chown(volume / "b", 70_003, 70_003)
        (volume / "roots").write_text("of the image")
        (volume / "packages/web/1.0.yaml").write_text("mine\n")
        host.upstream.push({"a": "theirs\n", "new/deep/file": "theirs\n"})
        await host.client.update(volume, host.url)
        found = owners(volume)
        assert found.pop("b") == (70_003, 70_003)
        assert found.pop("roots") == (0, 0)
        assert set(found.values()) == {OWNER}

    @as_root
    @pytest.mark.parametrize("fails", ["conflict", "server"])
    async def test_files_belong_to_the_owner_of_the_directory_after_a_failure(
        self, host: Host, volume: Path, fails: str
    ) -> None:
        os.chown(volume, *OWNER)
        await seed(host, volume)
        for name in ("a", "packages/web/1.0.yaml"):
            (volume / name).write_text("mine\n")
            os.chown(volume / name, *OWNER)
        host.upstream.push({"a": "theirs\n"})
        if fails == "server":
            host.server.redirect = "http://169.254.169.254"
        with pytest.raises(GitFailed):
            await host.client.update(volume, host.url)
        assert set(owners(volume).values()) == {OWNER}

    async def test_changes_that_a_crash_has_left_put_aside_come_back(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        with opening.opened("test", volume) as opened:
            assert stashing.stash(opened, host.home, untracked=False)
        host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url)
        assert ((volume / "a").read_text(), (volume / "b").read_text()) == ("theirs\n", "mine\n")
        assert git(volume, "stash", "list") == ""

    async def test_stashed_changes_that_conflict_stay_in_the_stash(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        with opening.opened("test", volume) as opened:
            assert stashing.stash(opened, host.home, untracked=False)
        (volume / "b").write_text("newer\n")
        host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url)
        assert ((volume / "a").read_text(), (volume / "b").read_text()) == ("theirs\n", "newer\n")
        assert stashing.MESSAGE in git(volume, "stash", "list")

    async def test_a_stash_of_somebody_else_is_left_alone(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        git(volume, "stash", "push", "-m", "for later")
        await host.client.update(volume, host.url)
        assert (volume / "b").read_text() == FILES["b"]
        assert "for later" in git(volume, "stash", "list")

    async def test_a_branch_and_its_head_are_as_before_after_a_conflict(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        host.upstream.push({"b": "theirs\n"}, branch="next")
        (volume / "b").write_text("mine\n")
        before = git(volume, "rev-parse", "HEAD")
        with pytest.raises(GitConflict):
            await host.client.update(volume, host.url, branch="next")
        assert git(volume, "rev-parse", "HEAD") == before
        assert git(volume, "branch", "--show-current") == "main"
        assert git(volume, "status", "--porcelain") == " M b"
        assert git(volume, "stash", "list") == ""

    async def test_a_server_that_fails_leaves_git_in_order(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        git(volume, "add", "b")
        host.server.redirect = "http://169.254.169.254"
        with pytest.raises(GitRefused):
            await host.client.update(volume, host.url)
        assert git(volume, "status", "--porcelain") == " M b"

    async def test_an_update_on_no_branch_needs_a_branch(self, host: Host, volume: Path) -> None:
        await seed(host, volume)
        git(volume, "checkout", "-q", "--detach")
        with pytest.raises(GitFailed, match="not on a branch"):
            await host.client.update(volume, host.url)
        host.upstream.push({"a": "theirs\n"})
        await host.client.update(volume, host.url, branch="main")
        assert (volume / "a").read_text() == "theirs\n"

    @pytest.mark.parametrize("moment", range(12))
    async def test_a_stop_at_any_moment_leaves_the_volume_as_it_was_or_up_to_date(
        self, host: Host, volume: Path, moment: int
    ) -> None:
        class Enough(Exception):
            pass

        looks = iter(range(moment))

        def stop() -> None:
            if next(looks, None) is None:
                raise Enough

        await seed(host, volume)
        (volume / "b").write_text("mine\n")
        theirs = host.upstream.push({"a": "theirs\n", "new": "theirs\n"})
        await host.client.fetch(volume, url=host.url)
        before = git(volume, "rev-parse", "HEAD")
        with opening.opened("test", volume) as opened:
            try:
                updating.bring(opened, None, host.home, VOLUME_BOUNDS, stop)
            except Enough:
                assert git(volume, "rev-parse", "HEAD") == before
                assert git(volume, "status", "--porcelain") == " M b"
            else:
                assert git(volume, "rev-parse", "HEAD") == theirs
        assert (volume / "b").read_text() == "mine\n"
        assert git(volume, "stash", "list") == ""

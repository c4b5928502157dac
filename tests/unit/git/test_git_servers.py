"""Talking to servers: credentials, redirects, silence, cancellation."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from tests.support.githttp import served
from tests.support.gitrepo import git
from tests.unit.git.conftest import Host
from townos.git import GitUrl
from townos.git.bounds import Bounds
from townos.git.errors import GitAuthFailed, GitFailed, GitNotFound, GitRefused, GitTimeout, GitUnreachable
from townos.git.libgit2_client import Libgit2Client, Timeouts
from townos.git.threads import run_network
from townos.posix.checkpoints import Checkpoint


@pytest.mark.conformance("GIT-13")
async def test_credentials_are_sent_as_basic_auth_and_kept_out_of_the_checkout(host: Host) -> None:
    repo = await host.clone()
    assert host.server.authorization in [given for *_, given in host.server.requests]
    stored = b"".join(path.read_bytes() for path in repo.rglob("*") if path.is_file())
    assert b"s3cret" not in stored
    assert git(repo, "config", "remote.origin.url") == host.url.bare


async def test_a_wrong_password_is_tried_once(host: Host) -> None:
    with pytest.raises(GitAuthFailed) as failed:
        await host.client.clone(host.url.with_credentials("town", "wr0ng-p@ss"), host.place, "web")
    tried = [given for *_, given in host.server.requests if given]
    assert len(tried) == 1
    assert "wr0ng" not in str(failed.value) + repr(failed.value.__cause__)
    assert list(host.place.iterdir()) == []


async def test_missing_credentials_are_told(host: Host) -> None:
    with pytest.raises(GitAuthFailed):
        await host.client.clone(host.url.with_credentials("", ""), host.place, "web")


async def test_a_repository_that_is_not_there_is_not_found(host: Host) -> None:
    missing = GitUrl.parse(host.server.url("no.git")).with_credentials("town", "s3cret-p@ss")
    with pytest.raises(GitNotFound) as failed:
        await host.client.clone(missing, host.place, "web")
    assert "s3cret" not in str(failed.value)


async def test_a_closed_port_is_unreachable(host: Host) -> None:
    with pytest.raises(GitUnreachable) as failed:
        await host.client.clone(GitUrl.parse("http://town:s3cret-p@127.0.0.1:1/a"), host.place, "web")
    assert "s3cret" not in str(failed.value)


async def test_a_redirect_to_another_host_is_refused_and_gets_no_credentials(host: Host, tmp_path: Path) -> None:
    with served(tmp_path / "server") as other:
        host.server.redirect = f"http://localhost:{other.port}"
        with pytest.raises(GitRefused):
            await host.clone()
        assert other.requests == []
    assert list(host.place.iterdir()) == []


async def test_a_redirect_to_a_link_local_address_is_refused(host: Host) -> None:
    host.server.redirect = "http://169.254.169.254"
    with pytest.raises(GitRefused):
        await host.clone()


@pytest.mark.parametrize("target", ["file:///", "ftp://127.0.0.1", "ssh://127.0.0.1", "git://127.0.0.1"])
async def test_a_redirect_to_another_scheme_is_refused(host: Host, target: str) -> None:
    host.server.redirect = target
    with pytest.raises(GitFailed):
        await host.clone()
    assert list(host.place.iterdir()) == []


async def test_a_redirect_within_the_host_is_followed(host: Host, tmp_path: Path) -> None:
    with served(tmp_path / "server", "town", "s3cret-p@ss") as other:
        host.server.redirect = f"http://127.0.0.1:{other.port}"
        repo = await host.clone()
    assert (repo / "a").read_text() == "a\n"


@pytest.mark.conformance("GIT-14")
async def test_a_silent_server_ends_in_a_timeout_that_leaves_nothing(host: Host, brief_silence: None) -> None:
    client = Libgit2Client(host.home, timeouts=Timeouts(clone=0.05))
    with host.server.silenced(), pytest.raises((GitTimeout, GitUnreachable)):
        await client.clone(host.url, host.place, "web")
    assert list(host.place.iterdir()) == []


@pytest.mark.conformance("GIT-14")
async def test_a_cancelled_clone_leaves_no_directory(host: Host, brief_silence: None) -> None:
    with host.server.silenced():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.client.clone, host.url, host.place, "web")
            await trio.to_thread.run_sync(host.server.asked.wait)
            nursery.cancel_scope.cancel()
        assert list(host.place.iterdir()) == []


async def test_a_clone_that_is_cancelled_while_objects_arrive_leaves_no_directory(host: Host) -> None:
    host.upstream.push({f"many/{number}": f"{number}\n" * 50 for number in range(400)})
    scope, token = trio.CancelScope(), trio.lowlevel.current_trio_token()

    def work(checkpoint: Checkpoint) -> None:
        from townos.git.native import remote

        def cancelled_by_the_first_callback() -> None:
            token.run_sync_soon(scope.cancel)
            while True:
                checkpoint()

        remote.clone(host.url, host.repo, host.home, Bounds(), cancelled_by_the_first_callback)

    with scope:
        await run_network(work, trio.CapacityLimiter(1), seconds=60, action="clone", place="here")
    assert scope.cancelled_caught
    assert list(host.place.iterdir()) == []


@pytest.mark.conformance("GIT-14")
async def test_a_cancelled_pull_leaves_the_tree_as_it_was(host: Host, brief_silence: None) -> None:
    repo = await host.clone()
    before = git(repo, "rev-parse", "HEAD")
    host.upstream.push({"a": "newer\n"})
    host.server.asked.clear()
    with host.server.silenced():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: host.client.pull(repo, url=host.url))
            await trio.to_thread.run_sync(host.server.asked.wait)
            nursery.cancel_scope.cancel()
    assert git(repo, "rev-parse", "HEAD") == before
    assert git(repo, "status", "--porcelain") == ""
    await host.client.pull(repo, url=host.url)
    assert (repo / "a").read_text() == "newer\n"


async def test_a_shallow_clone_has_the_asked_depth(host: Host) -> None:
    host.upstream.push({"a": "2\n"})
    host.upstream.push({"a": "3\n"})
    await host.client.clone(host.url, host.place, "web", depth=1)
    assert git(host.repo, "rev-list", "--count", "HEAD") == "1"
    host.upstream.push({"a": "4\n"})
    await host.client.pull(host.repo, url=host.url)
    assert (host.repo / "a").read_text() == "4\n"


async def test_an_empty_repository_can_be_cloned_and_pulled_later(host: Host, tmp_path: Path) -> None:
    git(tmp_path / "server", "init", "-q", "--bare", "-b", "main", "empty.git")
    url = GitUrl.parse(host.server.url("empty.git")).with_credentials("town", "s3cret-p@ss")
    await host.client.clone(url, host.place, "web")
    git(host.upstream.work, "push", "-q", str(tmp_path / "server/empty.git"), "main")
    await host.client.pull(host.repo, url=url)
    assert (host.repo / "a").read_text() == "a\n"


@pytest.mark.conformance("GIT-06")
async def test_a_fetch_brings_new_branches_and_forgets_deleted_ones(host: Host) -> None:
    repo = await host.clone()
    git(host.upstream.work, "push", "-q", "origin", "main:side")
    await host.client.fetch(repo, url=host.url)
    assert "origin/side" in git(repo, "branch", "-r")
    git(host.upstream.work, "push", "-q", "origin", ":side")
    await host.client.fetch(repo, url=host.url)
    assert "origin/side" not in git(repo, "branch", "-r")


async def test_a_changed_address_is_followed(host: Host, tmp_path: Path) -> None:
    repo = await host.clone()
    (tmp_path / "server/web.git").rename(tmp_path / "server/moved.git")
    url = GitUrl.parse(host.server.url("moved.git")).with_credentials("town", "s3cret-p@ss")
    await host.client.fetch(repo, url=url)
    assert git(repo, "config", "remote.origin.url") == url.bare


async def test_two_clones_of_one_name_at_once_give_one_whole_checkout(host: Host) -> None:
    failed: list[GitFailed] = []

    async def clone() -> None:
        try:
            await host.clone()
        except GitFailed as error:
            failed.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(clone)
        nursery.start_soon(clone)
    assert len(failed) == 1
    assert [path.name for path in host.place.iterdir()] == ["web"]
    assert git(host.repo, "status", "--porcelain") == ""


def test_pygit2_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, townos.git.libgit2_client, townos.repositories; sys.exit('pygit2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_a_key_of_the_machine_is_shown_only_where_it_may_be(tmp_path: Path, allowed: bool) -> None:
    from pygit2.enums import CredentialType

    from townos.git.native.transfer import Transfer

    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519").write_text("a key")
    url = GitUrl.parse("ssh://git@git.example/a")
    transfer = Transfer(url if allowed else url.without_own_keys(), tmp_path, Bounds(), lambda: None)
    if allowed:
        key = transfer.credentials(url.bare, "git", CredentialType.SSH_KEY)
        assert str(tmp_path / ".ssh/id_ed25519") in key.credential_tuple
    else:
        with pytest.raises(GitAuthFailed):
            transfer.credentials(url.bare, "git", CredentialType.SSH_KEY)

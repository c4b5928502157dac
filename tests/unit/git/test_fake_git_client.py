"""The fake that other tests rely on: it records, and it does what it is told."""

import threading
from pathlib import Path

import pytest
import trio

from townos.git import GitUrl
from townos.git.errors import GitTimeout
from townos.testing.git import FakeGitClient, GitCall

URL = GitUrl.parse("https://git.example/a")


@pytest.mark.conformance("GIT-16")
async def test_every_call_is_recorded_with_its_arguments(tmp_path: Path) -> None:
    fake = FakeGitClient()
    fake.remotes[URL.bare] = {}
    await fake.clone(URL, tmp_path, "a", depth=3)
    await fake.add(tmp_path / "a", "x", "y")
    await fake.run(tmp_path / "a", "config", "user.name")
    assert fake.calls == [
        GitCall("clone", (URL, tmp_path, "a"), {"depth": 3}),
        GitCall("add", (tmp_path / "a", "x", "y")),
        GitCall("run", (tmp_path / "a", "config", "user.name")),
    ]


@pytest.mark.conformance("GIT-16")
async def test_each_method_takes_an_error_a_result_or_a_function(tmp_path: Path) -> None:
    fake = FakeGitClient()
    fake.errors["pull"] = GitTimeout("git.timeout", "pull", "git.example", 1)
    fake.results["diff"] = True
    fake.results["rev_parse"] = lambda call: f"hash of {call.args[1]}"

    async def slow(call: GitCall) -> str:
        await trio.lowlevel.checkpoint()
        return call.method

    fake.results["run"] = slow
    with pytest.raises(GitTimeout):
        await fake.pull(tmp_path)
    assert await fake.diff(tmp_path) is True
    assert await fake.rev_parse(tmp_path, "HEAD") == "hash of HEAD"
    assert await fake.run(tmp_path, "log") == "run"


@pytest.mark.conformance("GIT-16")
async def test_the_fake_may_be_used_from_many_threads(tmp_path: Path) -> None:
    fake = FakeGitClient()
    fake.results["fetch"] = None

    def fetch() -> None:
        for _ in range(200):
            trio.run(fake.fetch, tmp_path)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await trio.to_thread.run_sync(thread.join)
    assert len(fake.calls_of("fetch")) == 800

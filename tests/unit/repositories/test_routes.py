"""Repositories over HTTP."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.http import ADMIN, USER, AppClient
from tests.support.manifests import CountingLoader, numeric_version
from townos.api.routes.repositories import routes
from townos.git.errors import GitUnreachable
from townos.git.url import Credentials
from townos.i18n import Seconds, Term
from townos.repositories import Catalogue, Repositories
from townos.testing.clock import FakeClock
from townos.testing.git import FakeGitClient

CORE = "https://git.example/core"


async def opened(base: Path, git: FakeGitClient) -> Repositories:
    repositories = Repositories(
        base / "repos",
        git=git,
        catalogue=Catalogue(base / "repos", git, CountingLoader(), numeric_version),
        clock=FakeClock(),
        seeds=(),
        default_credentials=Credentials("system", "default"),
    )
    await repositories.open()
    return repositories


@pytest.mark.parametrize(("headers", "username"), [(ADMIN, "system"), (USER, "")])
async def test_only_an_administrator_can_have_the_credentials_of_the_system_sent(
    tmp_path: Path, headers: Mapping[str, str], username: str
) -> None:
    git = FakeGitClient()
    git.remotes[CORE] = {}
    repositories = await opened(tmp_path, git)
    added = await AppClient(routes(repositories)).post("/repository/add", {"name": "core", "url": CORE}, headers)
    assert added.status == 200
    (call,) = git.calls_of("clone")
    assert call.args[0].username == username


async def test_the_error_of_a_repository_goes_out_as_text_and_as_data(tmp_path: Path) -> None:
    git = FakeGitClient()
    git.remotes[CORE] = {}
    repositories = await opened(tmp_path, git)
    client = AppClient(routes(repositories))
    await repositories.add("core", CORE)
    assert set((await client.get("/repository", USER)).json["entries"][0]) == {"name", "url"}
    git.errors["pull"] = GitUnreachable(
        "git.unreachable", "git.example", Term("process.timeout", ("git", Seconds(120)))
    )
    text = "git.example cannot be reached: git did not finish within 2 minutes"
    assert (await client.post("/repository/refresh", {}, USER)).json == {"core": text}
    (entry,) = (await client.get("/repository", USER)).json["entries"]
    reason = {"code": "process.timeout", "params": ["git", {"seconds": 120}]}
    assert entry["error"] == text
    assert entry["error_detail"] == {"code": "git.unreachable", "params": ["git.example", {"term": reason}]}

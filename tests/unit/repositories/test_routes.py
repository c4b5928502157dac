"""Repositories over HTTP."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.http import ADMIN, USER, AppClient
from tests.support.manifests import CountingLoader, numeric_version
from townos.api.routes.repositories import routes
from townos.git.url import Credentials
from townos.repositories import Catalogue, Repositories
from townos.testing.clock import FakeClock
from townos.testing.git import FakeGitClient

CORE = "https://git.example/core"


@pytest.mark.parametrize(("headers", "username"), [(ADMIN, "system"), (USER, "")])
async def test_only_an_administrator_can_have_the_credentials_of_the_system_sent(
    tmp_path: Path, headers: Mapping[str, str], username: str
) -> None:
    git = FakeGitClient()
    git.remotes[CORE] = {}
    repositories = Repositories(
        tmp_path / "repos",
        git=git,
        catalogue=Catalogue(tmp_path / "repos", git, CountingLoader(), numeric_version),
        clock=FakeClock(),
        seeds=(),
        default_credentials=Credentials("system", "default"),
    )
    await repositories.open()
    added = await AppClient(routes(repositories)).post("/repository/add", {"name": "core", "url": CORE}, headers)
    assert added.status == 200
    (call,) = git.calls_of("clone")
    assert call.args[0].username == username

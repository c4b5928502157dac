"""A server with one repository, a client, and a place to clone to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.githttp import GitServer, served
from tests.support.gitrepo import Upstream
from townos.git import GitUrl
from townos.git.libgit2_client import Libgit2Client

FILES = {"packages/web/1.0.yaml": "image: web\n", "a": "a\n", "b": "b\n"}


@dataclass
class Host:
    """What the tests of libgit2 need."""

    upstream: Upstream
    server: GitServer
    client: Libgit2Client
    home: Path
    place: Path

    @property
    def url(self) -> GitUrl:
        return GitUrl.parse(self.server.url("web.git")).with_credentials(self.server.username, self.server.password)

    @property
    def repo(self) -> Path:
        return self.place / "web"

    async def clone(self) -> Path:
        await self.client.clone(self.url, self.place, "web")
        return self.repo


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    upstream = Upstream.create(tmp_path / "server", "web", FILES)
    (tmp_path / "home").mkdir()
    (tmp_path / "place").mkdir()
    with served(tmp_path / "server", "town", "s3cret-p@ss") as server:
        yield Host(upstream, server, Libgit2Client(tmp_path / "home"), tmp_path / "home", tmp_path / "place")


@pytest.fixture
def brief_silence() -> Iterator[None]:
    """Let libgit2 give up on a silent server soon."""
    import pygit2

    import townos.git.native.settings  # noqa: F401 - sets the usual one

    before = pygit2.settings.server_timeout
    pygit2.settings.server_timeout = 300
    yield
    pygit2.settings.server_timeout = before

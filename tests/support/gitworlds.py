"""A client and a server with one repository: the fake, and libgit2 over HTTP with Basic auth and over local paths."""

from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from tests.support.githttp import served
from tests.support.gitrepo import Upstream
from townos.git import GitClient, GitUrl
from townos.git.libgit2_client import Libgit2Client
from townos.testing.git import FakeGitClient

FILES = {"packages/web/1.0.yaml": "image: web\n", "featured.json": '["web"]\n'}


class World(Protocol):
    """A client, and a repository that it can reach."""

    client: GitClient
    url: GitUrl
    missing: GitUrl

    def push(self, files: dict[str, str | None], branch: str = "main") -> None: ...


class FakeWorld:
    def __init__(self, _directory: Path, _stack: ExitStack) -> None:
        self.client = FakeGitClient()
        self.url = GitUrl.parse("http://town:s3cret@git.example/web.git")
        self.missing = GitUrl.parse("http://git.example/nothing.git")
        self.client.remotes[self.url.bare] = {}
        self.push(dict(FILES))

    def push(self, files: dict[str, str | None], branch: str = "main") -> None:
        remote = self.client.remotes[self.url.bare]
        if branch != "main":
            remote = self.client.branches.setdefault(self.url.bare, {}).setdefault(branch, dict(remote))
        for path, text in files.items():
            if text is None:
                del remote[path]
            else:
                remote[path] = text.encode()


class HttpWorld:
    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._upstream = Upstream.create(directory, "web", FILES)
        server = stack.enter_context(served(directory, "town", "s3cret/ü@:"))
        self.client = Libgit2Client(directory / "home")
        self.url = GitUrl.parse(server.url("web.git")).with_credentials("town", "s3cret/ü@:")
        self.missing = GitUrl.parse(server.url("nothing.git")).with_credentials("town", "s3cret/ü@:")

    def push(self, files: dict[str, str | None], branch: str = "main") -> None:
        self._upstream.push(files, branch=branch)


class LocalWorld:
    def __init__(self, directory: Path, _stack: ExitStack) -> None:
        self._upstream = Upstream.create(directory, "web", FILES)
        self.client = Libgit2Client(directory / "home")
        self.url = GitUrl.local(self._upstream.bare)
        self.missing = GitUrl.local(directory / "nothing.git")

    def push(self, files: dict[str, str | None], branch: str = "main") -> None:
        self._upstream.push(files, branch=branch)

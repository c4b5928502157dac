"""A git client without git: plain directories stand for checkouts, dictionaries for servers."""

import hashlib
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import trio

from townos.git.branch import BranchName
from townos.git.errors import GitConflict, GitFailed, GitNotFound, GitRefused
from townos.git.url import GitUrl
from townos.posix.files import is_empty_directory

Files = dict[str, bytes]
_DEFAULT_BRANCH: Final = "main"
_ORIGIN: Final = "town-os-fake-origin"


@dataclass(frozen=True, slots=True)
class GitCall:
    """One recorded call: the method's name and its arguments as they were given."""

    method: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


class FakeGitClient:
    """Passes the contract tests of `GitClient`, records every call and does what a test injects. Thread-safe.

    `remotes` maps an address without credentials to the files that it serves on its branch `main`, `branches` to those
    of its other branches; change the dictionaries to push. A file that is changed on both sides is a conflict.
    `errors[method]` is raised instead of doing anything. `results[method]` replaces the method: a value is returned,
    a function is called with the `GitCall`, and what it returns is awaited if it can be.
    """

    def __init__(self) -> None:
        self.remotes: dict[str, Files] = {}
        self.branches: dict[str, dict[str, Files]] = {}
        self.errors: dict[str, BaseException] = {}
        self.results: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._calls: list[GitCall] = []
        self._heads: dict[Path, Files] = {}
        self._branches: dict[Path, str] = {}
        self._stashes: dict[Path, list[dict[str, bytes | None]]] = {}
        self._trees: WeakValueDictionary[Path, trio.Lock] = WeakValueDictionary()

    @property
    def calls(self) -> list[GitCall]:
        """The calls so far, oldest first."""
        with self._lock:
            return list(self._calls)

    def calls_of(self, method: str) -> list[GitCall]:
        """The calls of one method so far."""
        return [call for call in self.calls if call.method == method]

    @asynccontextmanager
    async def working_tree(self, repo: Path) -> AsyncIterator[None]:
        async with self._trees.setdefault(repo, trio.Lock()):
            yield

    async def clone(self, url: GitUrl, parent: Path, name: str, *, depth: int | None = None) -> None:
        await self._called(lambda: self._clone(url, parent, name), "clone", url, parent, name, depth=depth)

    async def clone_into(self, url: GitUrl, directory: Path, *, branch: str = "", depth: int | None = None) -> None:
        await self._called(
            lambda: self._clone_into(url, directory, branch), "clone_into", url, directory, branch=branch, depth=depth
        )

    async def update(self, directory: Path, url: GitUrl, *, branch: str = "") -> None:
        await self._called(lambda: self._update(directory, url, branch), "update", directory, url, branch=branch)

    async def pull(self, repo: Path, *, url: GitUrl | None = None) -> None:
        await self._called(lambda: self._pull(repo, url), "pull", repo, url=url)

    async def diff(self, repo: Path) -> bool:
        return bool(await self._called(lambda: bool(self._changes(repo)), "diff", repo))

    async def stash(self, repo: Path) -> bool:
        return bool(await self._called(lambda: self._stash(repo), "stash", repo))

    async def stash_apply(self, repo: Path) -> bool:
        return bool(await self._called(lambda: self._stash_apply(repo), "stash_apply", repo))

    async def fetch(self, repo: Path, *, url: GitUrl | None = None) -> None:
        await self._called(lambda: self._remote(repo, url), "fetch", repo, url=url)

    async def checkout(self, repo: Path, ref: str) -> None:
        await self._called(lambda: self._head(repo), "checkout", repo, ref)

    async def init(self, path: Path) -> None:
        await self._called(lambda: self._init(path), "init", path)

    async def add(self, repo: Path, *pathspecs: str) -> None:
        await self._called(lambda: self._head(repo), "add", repo, *pathspecs)

    async def commit(self, repo: Path, message: str) -> str:
        return str(await self._called(lambda: self._commit(repo), "commit", repo, message))

    async def rev_parse(self, repo: Path, ref: str) -> str:
        return str(await self._called(lambda: self._hash(repo), "rev_parse", repo, ref))

    async def run(self, repo: Path, *args: str) -> str:
        return str(await self._called(lambda: "", "run", repo, *args))

    async def _called(self, default: Callable[[], Any], method: str, *args: Any, **kwargs: Any) -> Any:
        call = GitCall(method, args, kwargs)
        with self._lock:
            self._calls.append(call)
            error = self.errors.get(method)
        await trio.lowlevel.checkpoint()
        if error is not None:
            raise error
        if method not in self.results:
            with self._lock:
                return default()
        result = self.results[method]
        if callable(result):
            result = result(call)
        return await result if isinstance(result, Awaitable) else result

    def _clone_into(self, url: GitUrl, directory: Path, branch: str) -> None:
        if not directory.is_dir():
            raise GitNotFound("git.no_parent", directory.name)
        if not is_empty_directory(directory):
            raise GitFailed("git.destination_exists", directory.name)
        files = self._served(url, branch)
        (directory / ".git").mkdir()
        (directory / ".git" / _ORIGIN).write_text(url.bare)
        _write(directory, files)
        self._heads[directory] = dict(files)
        self._branches[directory] = branch

    def _update(self, directory: Path, url: GitUrl, branch: str) -> None:
        metadata = directory / ".git"
        if not os.path.lexists(metadata):
            if directory.is_dir() and not is_empty_directory(directory):
                raise GitRefused("git.foreign_files", directory.name)
            self._clone_into(url, directory, branch)
            return
        if metadata.is_symlink() or not metadata.is_dir():
            raise GitRefused("git.metadata_link", directory.name, ".git")
        wanted = branch or self._branches.get(directory, "")
        self._integrate(directory, self._served(url, wanted))
        self._branches[directory] = wanted
        (metadata / _ORIGIN).write_text(url.bare)

    def _clone(self, url: GitUrl, parent: Path, name: str) -> None:
        destination = parent / name
        if not parent.is_dir():
            raise GitNotFound("git.no_parent", parent.name)
        if destination.is_dir() and any(destination.iterdir()):
            raise GitFailed("git.destination_exists", destination.name)
        files = self._served(url)
        (destination / ".git").mkdir(parents=True)
        (destination / ".git" / _ORIGIN).write_text(url.bare)
        _write(destination, files)
        self._heads[destination] = dict(files)

    def _served(self, url: GitUrl, branch: str = "") -> Files:
        if url.bare not in self.remotes:
            raise GitNotFound("git.repository_not_found", url.place)
        if not branch or BranchName.parse(branch) == _DEFAULT_BRANCH:
            return self.remotes[url.bare]
        if branch not in self.branches.get(url.bare, {}):
            raise GitNotFound("git.branch_not_found", url.place, branch)
        return self.branches[url.bare][branch]

    def _remote(self, repo: Path, url: GitUrl | None) -> Files:
        self._head(repo)
        if url is None:
            return self._served(GitUrl((repo / ".git" / _ORIGIN).read_text()))
        (repo / ".git" / _ORIGIN).write_text(url.bare)
        return self._served(url)

    def _pull(self, repo: Path, url: GitUrl | None) -> None:
        self._integrate(repo, self._remote(repo, url))

    def _integrate(self, repo: Path, served: Files) -> None:
        head, wanted = self._head(repo), dict(served)
        changed = {path: wanted.get(path) for path in head.keys() | wanted if head.get(path) != wanted.get(path)}
        if clash := changed.keys() & self._changes(repo).keys():
            raise GitConflict("git.conflict", repo.name, ", ".join(sorted(clash)))
        _write(repo, changed)
        self._heads[repo] = wanted

    def _head(self, repo: Path) -> Files:
        if not (repo / ".git").is_dir():
            raise GitNotFound("git.not_a_repository", repo.name)
        return self._heads.setdefault(repo, {})

    def _changes(self, repo: Path) -> dict[str, bytes | None]:
        head, tree = self._head(repo), _read(repo)
        return {path: tree.get(path) for path in head.keys() | tree if head.get(path) != tree.get(path)}

    def _stash(self, repo: Path) -> bool:
        changes, head = self._changes(repo), self._head(repo)
        if changes:
            self._stashes.setdefault(repo, []).append(changes)
            _write(repo, {path: head.get(path) for path in changes})
        return bool(changes)

    def _stash_apply(self, repo: Path) -> bool:
        self._head(repo)
        stashes = self._stashes.get(repo, [])
        if stashes:
            _write(repo, stashes.pop())
            return True
        return False

    def _init(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise GitNotFound("git.no_parent", path.parent.name)
        (path / ".git").mkdir(parents=True, exist_ok=True)
        self._heads.setdefault(path, {})

    def _commit(self, repo: Path) -> str:
        if not self._changes(repo):
            raise GitFailed("git.no_changes", repo.name)
        self._heads[repo] = _read(repo)
        return self._hash(repo)

    def _hash(self, repo: Path) -> str:
        return hashlib.sha1(repr(sorted(self._head(repo).items())).encode()).hexdigest()


def _read(repo: Path) -> Files:
    files = (path for path in repo.rglob("*") if path.is_file() and ".git" not in path.relative_to(repo).parts)
    return {path.relative_to(repo).as_posix(): path.read_bytes() for path in files}


def _write(repo: Path, files: dict[str, bytes] | dict[str, bytes | None]) -> None:
    for name, content in files.items():
        path = repo / name
        path.unlink(missing_ok=True)
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

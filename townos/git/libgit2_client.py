"""The adapter: every operation of `GitClient` on libgit2, in worker threads."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

import trio

from townos.concurrency import on_failure
from townos.git.addresses import check_address
from townos.git.bounds import VOLUME_BOUNDS, Bounds
from townos.git.branch import BranchName
from townos.git.errors import GitFailed, GitNotFound, GitRefused
from townos.git.ssh_home import PROCESS_SSH_HOME
from townos.git.threads import Work, run_local, run_network
from townos.git.url import GitUrl
from townos.limits import (
    CLEANUP_TIMEOUT_SECONDS,
    GIT_CLONE_TIMEOUT_SECONDS,
    GIT_FETCH_TIMEOUT_SECONDS,
    GIT_LOCAL_TIMEOUT_SECONDS,
    GIT_THREADS,
)
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import clear_directory, is_empty_directory
from townos.posix.removal import DELETIONS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long operations may take, in seconds."""

    clone: float = GIT_CLONE_TIMEOUT_SECONDS
    fetch: float = GIT_FETCH_TIMEOUT_SECONDS
    local: float = GIT_LOCAL_TIMEOUT_SECONDS


class Libgit2Client:
    """`GitClient` for real; paths are absolute.

    `home` is where `.gitconfig` (for who commits), `.ssh/known_hosts` and SSH keys are read; `bounds` says what is
    refused as too much in a package repository, `volume_bounds` in a volume.
    No other configuration of the machine is read. Operations on one working tree take turns; clones and fetches of
    different repositories run side by side, as many as `GIT_THREADS`. pygit2 is imported by the first operation, in
    its thread.
    """

    def __init__(
        self,
        home: Path,
        *,
        timeouts: Timeouts | None = None,
        bounds: Bounds | None = None,
        volume_bounds: Bounds = VOLUME_BOUNDS,
    ) -> None:
        self._home = home
        self._timeouts = timeouts or Timeouts()
        self._bounds = bounds or Bounds()
        self._volume_bounds = volume_bounds
        self._network = trio.CapacityLimiter(GIT_THREADS)
        self._local = trio.CapacityLimiter(GIT_THREADS)
        self._trees: WeakValueDictionary[Path, trio.Lock] = WeakValueDictionary()
        self._fetches: WeakValueDictionary[Path, trio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def working_tree(self, repo: Path) -> AsyncIterator[None]:
        """Hold off changes to the working tree; waits for the one that is under way."""
        async with self._trees.setdefault(repo, trio.Lock()):
            yield

    async def clone(self, url: GitUrl, parent: Path, name: str, *, depth: int | None = None) -> None:
        """Clone into a hidden sibling of `parent/name`, then rename it."""

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import remote

            remote.clone(url, parent / name, self._home, self._bounds, checkpoint, depth=depth)

        await self._talk("clone", url, work, self._timeouts.clone)

    async def clone_into(self, url: GitUrl, directory: Path, *, branch: str = "", depth: int | None = None) -> None:
        """Clone into an empty directory, and empty it again when that fails."""
        wanted = BranchName.parse(branch) if branch else None
        await trio.to_thread.run_sync(_check_fillable, directory)

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import remote

            remote.fill(url, directory, self._home, self._volume_bounds, checkpoint, branch=wanted, depth=depth)

        clear = partial(DELETIONS.run, clear_directory, directory)
        async with on_failure(clear, CLEANUP_TIMEOUT_SECONDS, "emptying a volume"):
            await self._talk("clone", url, work, self._timeouts.clone)

    async def update(self, directory: Path, url: GitUrl, *, branch: str = "") -> None:
        """Make `.git` safe to open, fetch, then move branch and working tree; or fill an empty directory."""
        wanted = BranchName.parse(branch) if branch else None
        async with self.working_tree(directory):
            if not await trio.to_thread.run_sync(_has_repository, directory):
                await self.clone_into(url, directory, branch=branch)
                return
            await self._secure(directory, url)
            await self._fetch_volume(directory, url)
            await self._bring(directory, wanted)

    async def _secure(self, directory: Path, url: GitUrl) -> None:
        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import volumes

            volumes.secure(directory, url, self._volume_bounds, checkpoint)

        await self._here("update", directory, work, self._timeouts.clone)

    async def _fetch_volume(self, directory: Path, url: GitUrl) -> None:
        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import volumes

            volumes.fetch(directory, url, self._home, self._volume_bounds, checkpoint)

        await self._talk("fetch", url, work, self._timeouts.fetch)

    async def _bring(self, directory: Path, branch: BranchName | None) -> None:
        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import volumes

            volumes.bring(directory, branch, self._home, self._volume_bounds, checkpoint)

        await self._here("update", directory, work, self._timeouts.clone)

    async def fetch(self, repo: Path, *, url: GitUrl | None = None) -> None:
        """Fetch from `url`, or from the address of the remote `origin`."""
        source = url or await self._origin(repo)

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import opening, remote

            with opening.opened("fetch", repo) as opened:
                remote.fetch(opened, source, self._home, self._bounds, checkpoint)

        async with self._fetches.setdefault(repo, trio.Lock()):
            await self._talk("fetch", source, work, self._timeouts.fetch)

    async def pull(self, repo: Path, *, url: GitUrl | None = None) -> None:
        """Fetch, then move the branch and the working tree."""
        await self.fetch(repo, url=url)

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import history, opening

            with opening.working_tree("pull", repo, self._bounds, checkpoint) as opened:
                history.integrate(opened, self._home, self._bounds, checkpoint)

        await self._change("pull", repo, work)

    async def diff(self, repo: Path) -> bool:
        """Say whether there are uncommitted changes or untracked files."""

        def work(checkpoint: Checkpoint) -> bool:
            from townos.git.native import opening, stashing

            with opening.working_tree("diff", repo, self._bounds, checkpoint) as opened:
                return bool(stashing.uncommitted(opened))

        return await self._change("diff", repo, work)

    async def stash(self, repo: Path) -> bool:
        """Save uncommitted changes and untracked files, then make the tree as HEAD has it."""

        def work(checkpoint: Checkpoint) -> bool:
            from townos.git.native import opening, stashing

            with opening.working_tree("stash", repo, self._bounds, checkpoint) as opened:
                return stashing.stash(opened, self._home)

        return await self._change("stash", repo, work)

    async def stash_apply(self, repo: Path) -> bool:
        """Bring back the newest stash, or raise `GitConflict` with the tree as it was."""

        def work(checkpoint: Checkpoint) -> bool:
            from townos.git.native import opening, stashing

            with opening.working_tree("stash apply", repo, self._bounds, checkpoint) as opened:
                return stashing.stash_apply(opened, checkpoint)

        return await self._change("stash apply", repo, work)

    async def checkout(self, repo: Path, ref: str) -> None:
        """Check out a branch, a tag or a commit."""

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import history, opening

            with opening.working_tree("checkout", repo, self._bounds, checkpoint) as opened:
                history.checkout(opened, ref, self._bounds, checkpoint)

        await self._change("checkout", repo, work)

    async def init(self, path: Path) -> None:
        """Make a repository."""

        def work(_checkpoint: Checkpoint) -> None:
            from townos.git.native import opening

            opening.init(path)

        await self._change("init", path, work)

    async def add(self, repo: Path, *pathspecs: str) -> None:
        """Stage files."""

        def work(checkpoint: Checkpoint) -> None:
            from townos.git.native import history, opening

            with opening.working_tree("add", repo, self._bounds, checkpoint) as opened:
                history.add(opened, pathspecs)

        await self._change("add", repo, work)

    async def commit(self, repo: Path, message: str) -> str:
        """Commit what is staged."""

        def work(checkpoint: Checkpoint) -> str:
            from townos.git.native import history, opening

            with opening.working_tree("commit", repo, self._bounds, checkpoint) as opened:
                return history.commit(opened, message, self._home)

        return await self._change("commit", repo, work)

    async def rev_parse(self, repo: Path, ref: str) -> str:
        """Resolve a revision; needs no turn at the working tree."""

        def work(_checkpoint: Checkpoint) -> str:
            from townos.git.native import history, opening

            with opening.opened("rev-parse", repo) as opened:
                return str(history.resolve(opened, ref).id)

        return await self._here("rev-parse", repo, work)

    async def run(self, repo: Path, *args: str) -> str:
        """Dispatch a subcommand."""

        def work(checkpoint: Checkpoint) -> str:
            from townos.git.native import commands, opening

            if args == ("init",):
                return opening.init(repo)
            with opening.working_tree(args[0] if args else "run", repo, self._bounds, checkpoint) as opened:
                return commands.run(opened, args)

        return await self._change(args[0] if args else "run", repo, work)

    async def _origin(self, repo: Path) -> GitUrl:
        def work(_checkpoint: Checkpoint) -> GitUrl:
            from townos.git.native import opening, remote

            with opening.opened("fetch", repo) as opened:
                return remote.origin(opened)

        return await self._here("fetch", repo, work)

    async def _here(self, action: str, repo: Path, work: Work[T], seconds: float | None = None) -> T:
        limit = self._timeouts.local if seconds is None else seconds
        return await run_local(work, self._local, seconds=limit, action=action, place=repo.name)

    async def _change(self, action: str, repo: Path, work: Work[T]) -> T:
        async with self.working_tree(repo):
            return await self._here(action, repo, work)

    async def _talk(self, action: str, url: GitUrl, work: Work[T], seconds: float) -> T:
        await check_address(url)
        if url.scheme != "ssh":
            return await run_network(work, self._network, seconds=seconds, action=action, place=url.place)
        async with PROCESS_SSH_HOME.held(self._home):
            return await run_network(work, self._network, seconds=seconds, action=action, place=url.place)


def _has_repository(directory: Path) -> bool:
    """Say whether there is a `.git`, of whatever kind. Raises `GitRefused` when there are other files instead."""
    if os.path.lexists(directory / ".git"):
        return True
    if directory.is_dir() and not is_empty_directory(directory):
        raise GitRefused("git.foreign_files", directory.name)
    return False


def _check_fillable(directory: Path) -> None:
    if not directory.is_dir():
        raise GitNotFound("git.no_parent", directory.name)
    if not is_empty_directory(directory):
        raise GitFailed("git.destination_exists", directory.name)

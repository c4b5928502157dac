"""Opening a repository: finish what a crash interrupted, and close it again whatever happens."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pygit2
from pygit2.enums import RepositoryOpenFlag

from townos.git.bounds import Bounds
from townos.git.errors import GitNotFound
from townos.git.native import settings as _isolated  # noqa: F401 - importing it makes libgit2's settings
from townos.git.native import trees, worktree
from townos.git.native.failures import translated
from townos.limits import GIT_STALE_LOCK_SECONDS
from townos.posix.checkpoints import Checkpoint


@contextmanager
def opened(action: str, path: Path) -> Iterator[pygit2.Repository]:
    """Open the repository whose working tree is at `path`, never one above it. Raises `GitFailed`."""
    with translated(action, path.name):
        if not (path / ".git").exists():
            raise GitNotFound("git.not_a_repository", path.name)
        repo = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH)
        try:
            yield repo
        finally:
            repo.free()


@contextmanager
def working_tree(action: str, path: Path, bounds: Bounds, checkpoint: Checkpoint) -> Iterator[pygit2.Repository]:
    """Open it and first put right what a crash left; only while nobody else works on the same tree.

    Raises `GitRefused`, with nothing touched, when its commit is none that would be checked out today.
    """
    with opened(action, path) as repo:
        trees.check(repo, worktree.head_tree(repo), bounds, checkpoint)
        _drop_stale_locks(Path(repo.path))
        worktree.recover(repo)
        yield repo


def init(path: Path) -> str:
    """Make a repository, or leave the one that is there as it is. Raises `GitNotFound` without a parent directory."""
    with translated("init", path.name):
        if not path.parent.is_dir():
            raise GitNotFound("git.no_parent", path.parent.name)
        known = (path / ".git").exists()
        repo = pygit2.init_repository(str(path), initial_head="main")
        place = repo.path
        repo.free()
    return f"{'Reinitialized existing' if known else 'Initialized empty'} Git repository in {place}"


def _drop_stale_locks(git_directory: Path) -> None:
    """Remove lock files that a crash left behind; without this the repository could never be written again."""
    oldest = time.time() - GIT_STALE_LOCK_SECONDS
    for lock in (*git_directory.glob("*.lock"), *(git_directory / "refs").rglob("*.lock")):
        if lock.lstat().st_mtime < oldest:
            lock.unlink()

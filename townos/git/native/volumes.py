"""The steps of bringing a volume up to date; each leaves a `.git` that belongs to the owner of the volume."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from townos.git.bounds import Bounds
from townos.git.branch import BranchName
from townos.git.native import guard, opening, ownership, remote, updating, worktree
from townos.git.native.failures import translated
from townos.git.url import GitUrl
from townos.posix.checkpoints import Checkpoint


def secure(directory: Path, url: GitUrl, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Make `.git` safe to open, and its index what HEAD has. Raises `GitRefused`, with nothing touched."""
    with translated("update", directory.name):
        guard.secure(directory, url, checkpoint)
    with _given_back(directory), opening.working_tree("update", directory, bounds, checkpoint) as repo:
        worktree.reset_index(repo)


def fetch(directory: Path, url: GitUrl, home: Path, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Fetch into a secured volume."""
    with _given_back(directory), opening.opened("fetch", directory) as repo:
        remote.fetch(repo, url, home, bounds, checkpoint)


def bring(directory: Path, branch: BranchName | None, home: Path, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Move a secured volume to what was fetched. Raises as `updating.bring`."""
    with _given_back(directory), opening.working_tree("update", directory, bounds, checkpoint) as repo:
        updating.bring(repo, branch, home, bounds, checkpoint)


@contextmanager
def _given_back(directory: Path) -> Iterator[None]:
    try:
        yield
    finally:
        ownership.give_metadata(directory)

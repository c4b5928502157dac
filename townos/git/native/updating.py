"""Bringing a volume that came from a repository up to date, with all that was changed in it meanwhile."""

import logging
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pygit2
from pygit2.enums import FileMode

from townos.git.bounds import Bounds
from townos.git.branch import BranchName
from townos.git.errors import GitConflict, GitNotFound
from townos.git.native import history, stashing, trees, worktree
from townos.git.native.paths import components
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import opened_directory

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Position:
    """Where HEAD is: on a branch or not, at a commit or at none yet."""

    branch: str | None
    commit: pygit2.Commit | None

    @classmethod
    def of(cls, repo: pygit2.Repository) -> Self:
        branch = None if repo.head_is_detached else history.current_branch(repo)
        return cls(branch, None if repo.head_is_unborn else repo.head.peel(pygit2.Commit))

    def return_to(self, repo: pygit2.Repository, bounds: Bounds) -> None:
        """Bring HEAD and the tree, which has no changes, back here."""
        if self.commit is not None:
            history.move(repo, self.commit, lambda: self._point(repo), bounds, lambda: None)

    def _point(self, repo: pygit2.Repository) -> None:
        assert self.commit is not None
        if self.branch is None:
            repo.set_head(self.commit.id)
            return
        repo.references.create(f"refs/heads/{self.branch}", self.commit.id, force=True)
        repo.set_head(f"refs/heads/{self.branch}")


def bring(
    repo: pygit2.Repository, branch: BranchName | None, home: Path, bounds: Bounds, checkpoint: Checkpoint
) -> None:
    """Move a volume to what was fetched.

    Changed files are put aside meanwhile; untracked ones stay where they are, for they can be any amount of data.
    Raises `GitConflict` and `GitNotFound`, with everything as it was.
    """
    _resume(repo, bounds, checkpoint)
    before = _Position.of(repo)
    _check_kinds(Path(repo.workdir), worktree.head_tree(repo), stashing.uncommitted(repo, untracked=False))
    stashed = stashing.stash(repo, home, untracked=False)
    try:
        if branch is not None and branch != before.branch:
            _switch(repo, branch, bounds, checkpoint)
        history.integrate(repo, home, bounds, checkpoint)
        if stashed:
            stashing.stash_apply(repo, checkpoint)
    except BaseException:
        before.return_to(repo, bounds)
        if stashed:
            stashing.stash_apply(repo, lambda: None)
        raise


def _switch(repo: pygit2.Repository, branch: BranchName, bounds: Bounds, checkpoint: Checkpoint) -> None:
    if f"refs/remotes/origin/{branch}" not in repo.references:
        raise GitNotFound("git.branch_not_found", Path(repo.workdir).name, branch)
    history.checkout(repo, branch, bounds, checkpoint)


def _resume(repo: pygit2.Repository, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Bring back what a crash has left put aside; changes that contradict the tree by now stay in the stash."""
    stashes = repo.listall_stashes()
    if not stashes or not stashes[0].message.endswith(stashing.MESSAGE):
        return
    saved = repo[stashes[0].commit_id].peel(pygit2.Commit)
    for commit in (saved, *saved.parents):
        trees.check(repo, commit.tree, bounds, checkpoint)
    try:
        stashing.stash_apply(repo, checkpoint)
    except GitConflict as conflict:
        log.warning("changes of an interrupted update stay in the stash: %s", conflict)


def _check_kinds(root: Path, tree: pygit2.Tree, paths: Iterable[str]) -> None:
    """Raise `GitConflict` for a changed file that is something else by now, or that a link stands in the way of.

    Putting it aside would forget what it is now, delete what lies in a directory of its name, or follow the link.
    """
    for path in paths:
        *parents, name = components(path)
        try:
            with opened_directory(root, parents) as parent:
                mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            raise GitConflict("git.conflict", root.name, path) from None
        was_link = path in tree and tree[path].filemode == FileMode.LINK
        if not (stat.S_ISLNK(mode) if was_link else stat.S_ISREG(mode)):
            raise GitConflict("git.conflict", root.name, path)

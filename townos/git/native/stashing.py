"""Uncommitted changes put aside and brought back, without writing into any existing file."""

import os
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import FileStatus

from townos.git.errors import GitConflict
from townos.git.native import worktree
from townos.git.native.identity import signature
from townos.posix.checkpoints import Checkpoint

MESSAGE: Final = "Town OS: local changes"


def uncommitted(repo: pygit2.Repository, *, untracked: bool = True) -> list[str]:
    """List changed and untracked files; ignored ones and repositories inside this one do not count."""
    status = repo.status(untracked_files="all" if untracked else "no", ignored=False)
    unchanged = {FileStatus.CURRENT, FileStatus.IGNORED}
    return sorted(path for path, state in status.items() if state not in unchanged and not path.endswith("/"))


def stash(repo: pygit2.Repository, home: Path, *, untracked: bool = True) -> bool:
    """Save all uncommitted changes and make the tree as HEAD has it; say whether there were any.

    libgit2 only saves (`keep_all`); its own reset would write into existing files.
    """
    paths = uncommitted(repo, untracked=untracked)
    if not paths or repo.head_is_unborn:
        return False
    repo.stash(signature(repo, home), MESSAGE, include_untracked=untracked, keep_all=True)
    with worktree.step(repo, paths):
        worktree.reset_paths(repo, paths)
    return True


def stash_apply(repo: pygit2.Repository, checkpoint: Checkpoint) -> bool:
    """Merge the newest stash into the tree and drop it; say whether there was one.

    libgit2's own function reports no error for a conflict and leaves markers in the files, so the merge is made in
    memory first. What had been staged comes back as a change that is not staged.
    """
    stashes = repo.listall_stashes()
    if not stashes:
        return False
    saved = repo[stashes[0].commit_id].peel(pygit2.Commit)
    head = worktree.head_tree(repo)
    merged = _merged(repo, saved, head)
    paths = worktree.changed_paths(head, merged)
    untracked = saved.parents[2].tree if len(saved.parents) > 2 else None
    extra = _untracked_paths(repo, untracked, head) if untracked else []
    _refuse_dirty(repo, {*paths, *extra})
    with worktree.step(repo, [*paths, *extra]):
        worktree.write_tree(repo, merged, paths, checkpoint, update_index=False)
        if untracked:
            worktree.write_tree(repo, untracked, extra, checkpoint, update_index=False)
    repo.stash_drop(0)
    return True


def _merged(repo: pygit2.Repository, saved: pygit2.Commit, head: pygit2.Tree) -> pygit2.Tree:
    index = repo.merge_trees(saved.parents[0].tree, head, saved.tree)
    if index.conflicts is not None:
        sides = (side for conflict in index.conflicts for side in conflict if side is not None)
        raise _conflict(repo, {side.path for side in sides})
    return repo[index.write_tree(repo)].peel(pygit2.Tree)


def _untracked_paths(repo: pygit2.Repository, untracked: pygit2.Tree, head: pygit2.Tree) -> list[str]:
    """List the saved untracked files. One that HEAD has by now is left to HEAD if it is the same, else a conflict."""
    empty = repo[repo.TreeBuilder().write()].peel(pygit2.Tree)
    paths = worktree.changed_paths(empty, untracked)
    taken = {path for path in paths if path in head}
    if different := {path for path in taken if head[path].id != untracked[path].id}:
        raise _conflict(repo, different)
    missing = [path for path in paths if path not in taken]
    if present := {path for path in missing if os.path.lexists(Path(repo.workdir) / path)}:
        raise _conflict(repo, present)
    return missing


def _refuse_dirty(repo: pygit2.Repository, paths: set[str]) -> None:
    if dirty := paths.intersection(uncommitted(repo)):
        raise _conflict(repo, dirty)


def _conflict(repo: pygit2.Repository, paths: set[str]) -> GitConflict:
    return GitConflict("git.conflict", Path(repo.workdir).name, ", ".join(sorted(paths)[:10]))

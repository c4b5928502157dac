"""Moving HEAD and the working tree to other commits, and making commits."""

import os
from collections.abc import Callable
from pathlib import Path

import pygit2
from pygit2.enums import CheckoutStrategy, SortMode

from townos.git.bounds import Bounds
from townos.git.errors import GitConflict, GitFailed, GitNotFound
from townos.git.native import trees, worktree
from townos.git.native.identity import signature
from townos.posix.checkpoints import Checkpoint

_DRY_RUN = CheckoutStrategy.SAFE | CheckoutStrategy.DRY_RUN | CheckoutStrategy.DONT_OVERWRITE_IGNORED


def move(
    repo: pygit2.Repository, target: pygit2.Commit, point: Callable[[], None], bounds: Bounds, checkpoint: Checkpoint
) -> None:
    """Bring the working tree from HEAD to `target`, then call `point`, which moves HEAD.

    Raises `GitConflict`, with nothing touched, when an uncommitted change or an untracked file is in the way, and
    `GitRefused` for a commit that may not be checked out.
    """
    trees.check(repo, target.tree, bounds, checkpoint)
    repo.checkout_tree(target, strategy=_DRY_RUN)  # type: ignore[no-untyped-call]
    paths = worktree.changed_paths(worktree.head_tree(repo), target.tree)
    with worktree.step(repo, paths):
        worktree.write_tree(repo, target.tree, paths, checkpoint)
        point()


def current_branch(repo: pygit2.Repository) -> str:
    """Return the short name of the branch that HEAD is on, also when it has no commit yet."""
    target = repo.references["HEAD"].target
    if not isinstance(target, str):
        raise GitFailed("git.branch_detached", Path(repo.workdir).name)
    return target.removeprefix("refs/heads/")


def integrate(repo: pygit2.Repository, home: Path, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Move the current branch to its upstream, with local commits on top of it: the second half of a pull."""
    branch = current_branch(repo)
    if repo.head_is_unborn:
        _begin(repo, branch, bounds, checkpoint)
        return
    upstream = _upstream(repo, branch)
    trees.check(repo, upstream.peel(pygit2.Tree), bounds, checkpoint)
    target = _replayed(repo, upstream, home, bounds, checkpoint)
    if target.id == repo.head.target:
        return
    move(repo, target, lambda: _set_branch(repo, branch, target), bounds, checkpoint)


def _begin(repo: pygit2.Repository, branch: str, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Check out the first branch of a server that had none when it was cloned; until then there is nothing to do."""
    offered = {name.removeprefix("origin/") for name in repo.branches.remote} - {"HEAD"}
    if offered:
        wanted = next((name for name in (branch, "main", "master") if name in offered), min(offered))
        checkout(repo, wanted, bounds, checkpoint)


def _upstream(repo: pygit2.Repository, branch: str) -> pygit2.Reference:
    name = f"refs/remotes/origin/{branch}"
    key = f"branch.{branch}.merge"
    if key in repo.config and (merged := repo.config[key]):
        name = f"refs/remotes/origin/{merged.removeprefix('refs/heads/')}"
    if name not in repo.references:
        raise GitNotFound("git.no_upstream", branch)
    return repo.references[name]


def _replayed(
    repo: pygit2.Repository, upstream: pygit2.Reference, home: Path, bounds: Bounds, checkpoint: Checkpoint
) -> pygit2.Commit:
    """Rebase in memory: put each local commit on top of the upstream, without touching any file.

    Commits that the upstream once had and dropped (a forced push) are no local commits: its reflog knows them, as
    `git pull --rebase` does by its fork point. Merges are left out, and so are commits that change nothing any more.
    """
    tip = upstream.peel(pygit2.Commit)
    walker = repo.walk(repo.head.target, SortMode.TOPOLOGICAL | SortMode.REVERSE)
    walker.hide(tip.id)
    for entry in upstream.log():
        if entry.oid_new in repo:
            walker.hide(entry.oid_new)
    local = list(walker)
    if not local:
        return tip
    if repo.descendant_of(repo.head.target, tip.id):
        return repo.head.peel(pygit2.Commit)
    for commit in local:
        checkpoint()
        if len(commit.parents) <= 1:
            for touched in (commit, *commit.parents):
                trees.check(repo, touched.tree, bounds, checkpoint)
            tip = _put_on_top(repo, commit, tip, home)
    return tip


def _put_on_top(repo: pygit2.Repository, commit: pygit2.Commit, tip: pygit2.Commit, home: Path) -> pygit2.Commit:
    before = commit.parents[0].tree.id if commit.parents else repo.TreeBuilder().write()
    index = repo.merge_trees(before, tip.tree, commit.tree)
    if index.conflicts is not None:
        raise GitConflict("git.rebase_conflict", str(commit.id)[:12])
    tree = index.write_tree(repo)
    if tree == tip.tree.id:
        return tip
    made = repo.create_commit(None, commit.author, signature(repo, home), commit.message, tree, [tip.id])
    return repo[made].peel(pygit2.Commit)


def _set_branch(repo: pygit2.Repository, branch: str, target: pygit2.Commit) -> None:
    repo.references.create(f"refs/heads/{branch}", target.id, force=True)


def checkout(repo: pygit2.Repository, ref: str, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Check out a local branch, a branch that only the remote has, or anything else as a detached HEAD."""
    local, remote = f"refs/heads/{ref}", f"refs/remotes/origin/{ref}"
    if local in repo.references:
        move(repo, repo.references[local].peel(pygit2.Commit), lambda: repo.set_head(local), bounds, checkpoint)
    elif remote in repo.references:
        target = repo.references[remote].peel(pygit2.Commit)
        move(repo, target, lambda: _track(repo, ref, target), bounds, checkpoint)
    else:
        commit = resolve(repo, ref).peel(pygit2.Commit)
        move(repo, commit, lambda: repo.set_head(commit.id), bounds, checkpoint)


def _track(repo: pygit2.Repository, branch: str, target: pygit2.Commit) -> None:
    made = repo.branches.local.create(branch, target)
    made.upstream = repo.branches.remote[f"origin/{branch}"]
    repo.set_head(made.name)


def resolve(repo: pygit2.Repository, ref: str) -> pygit2.Object:
    """Return the object that a revision stands for. Raises `GitNotFound`."""
    try:
        return repo.revparse_single(ref)
    except (KeyError, ValueError):
        raise GitNotFound("git.ref_not_found", ref, Path(repo.workdir).name) from None


def commit(repo: pygit2.Repository, message: str, home: Path) -> str:
    """Commit the index on HEAD and return the hash. Raises `GitFailed` when nothing is staged."""
    tree = repo.index.write_tree()
    parents = [] if repo.head_is_unborn else [repo.head.target]
    if tree == worktree.head_tree(repo).id:
        raise GitFailed("git.no_changes", Path(repo.workdir).name)
    who = signature(repo, home)
    return str(repo.create_commit("HEAD", who, who, message.strip("\n") + "\n", tree, parents))


def add(repo: pygit2.Repository, pathspecs: tuple[str, ...]) -> None:
    """Stage what the pathspecs match, deletions included. Raises `GitNotFound` for one that matches nothing."""
    index = repo.index
    for pathspec in pathspecs:
        _check_matches(repo, pathspec)
    index.add_all(["*" if pathspec == "." else pathspec for pathspec in pathspecs])
    index.write()


def _check_matches(repo: pygit2.Repository, pathspec: str) -> None:
    plain = pathspec.rstrip("/")
    if plain == "." or any(character in plain for character in "*?["):
        return
    if os.path.lexists(Path(repo.workdir) / plain):
        return
    if not any(entry.path == plain or entry.path.startswith(f"{plain}/") for entry in repo.index):
        raise GitNotFound("git.pathspec", pathspec)

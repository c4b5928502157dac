"""Cloning and fetching."""

import secrets
import shutil
from pathlib import Path

import pygit2
from pygit2.enums import FetchPrune

from townos.git.bounds import Bounds
from townos.git.branch import BranchName
from townos.git.errors import GitFailed, GitNotFound
from townos.git.native import ownership, trees, worktree
from townos.git.native.failures import translated
from townos.git.native.settings import use_ssh_home
from townos.git.native.transfer import Transfer
from townos.git.url import GitUrl
from townos.posix.checkpoints import Checkpoint


def clone(
    url: GitUrl, destination: Path, home: Path, bounds: Bounds, checkpoint: Checkpoint, *, depth: int | None = None
) -> None:
    """Clone into a hidden sibling of the destination, then rename: the destination is complete or not there."""
    parent = destination.parent
    if not parent.is_dir():
        raise GitNotFound("git.no_parent", parent.name)
    with translated("clone", url.place):
        if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
            raise GitFailed("git.destination_exists", destination.name)
        staging = parent / f".{destination.name}.clone-{secrets.token_hex(4)}"
        try:
            _clone_into(url, staging, home, bounds, checkpoint, depth=depth)
            staging.rename(destination)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise


def fill(
    url: GitUrl,
    directory: Path,
    home: Path,
    bounds: Bounds,
    checkpoint: Checkpoint,
    *,
    branch: BranchName | None,
    depth: int | None,
) -> None:
    """Clone into a hidden directory inside an empty one, then move all of it up, and give it to the owner of that.

    After a failure, emptying the directory is left to the caller: this thread may be one that nobody waits for any
    more, and what it would delete then could be something new.
    """
    with translated("clone", url.place):
        staging = directory / f".clone-{secrets.token_hex(8)}"
        _clone_into(url, staging, home, bounds, checkpoint, branch=branch, depth=depth)
        checkpoint()
        for made in list(staging.iterdir()):
            made.rename(directory / made.name)
        staging.rmdir()
        ownership.give_all(directory, checkpoint)


def _clone_into(
    url: GitUrl,
    staging: Path,
    home: Path,
    bounds: Bounds,
    checkpoint: Checkpoint,
    *,
    branch: BranchName | None = None,
    depth: int | None,
) -> None:
    _prepare_ssh(url, home)
    repo = _cloned(url, staging, Transfer(url, home, bounds, checkpoint), branch, depth or 0)
    try:
        if not repo.head_is_unborn:
            tree = repo.head.peel(pygit2.Tree)
            trees.check(repo, tree, bounds, checkpoint)
            empty = repo[repo.TreeBuilder().write()].peel(pygit2.Tree)
            worktree.write_tree(repo, tree, worktree.changed_paths(empty, tree), checkpoint)
    finally:
        repo.free()


def _cloned(url: GitUrl, staging: Path, transfer: Transfer, branch: BranchName | None, depth: int) -> pygit2.Repository:
    try:
        return pygit2.clone_repository(url.bare, str(staging), checkout_branch=branch, callbacks=transfer, depth=depth)
    except (KeyError, pygit2.GitError) as error:
        if branch is not None and f"refs/remotes/origin/{branch}" in str(error):
            raise GitNotFound("git.branch_not_found", url.place, branch) from error
        raise


def origin(repo: pygit2.Repository) -> GitUrl:
    """Return the address of the remote `origin`; a path of this machine is a local address. Raises `GitNotFound`."""
    if "origin" not in list(repo.remotes.names()):
        raise GitNotFound("git.no_remote", Path(repo.workdir).name)
    address = repo.remotes["origin"].url or ""
    return GitUrl.parse(address) if "://" in address else GitUrl.local(Path(address))


def fetch(repo: pygit2.Repository, url: GitUrl, home: Path, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Fetch from `url` into the remote `origin`, whose address becomes `url` without credentials."""
    if "origin" not in list(repo.remotes.names()):
        repo.remotes.create("origin", url.bare)
    elif repo.remotes["origin"].url != url.bare:
        repo.remotes.set_url("origin", url.bare)
    _prepare_ssh(url, home)
    with translated("fetch", url.place):
        repo.remotes["origin"].fetch(callbacks=Transfer(url, home, bounds, checkpoint), prune=FetchPrune.PRUNE)


def _prepare_ssh(url: GitUrl, home: Path) -> None:
    if url.scheme == "ssh":
        use_ssh_home(home)

"""Changing files of a working tree so that it is always possible to go back, and no other link to a file sees it.

libgit2 writes into existing files. A manifest that is installed is a hard link to such a file, so each file that a
step changes is unlinked first. A crash in the middle must not look like edits of a person: a marker inside `.git`
lists the paths of the step that is under way, and whoever finds it puts those paths back to what HEAD has.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import CheckoutStrategy, FileMode

from townos.git.native import ownership
from townos.git.native.paths import components, is_inside
from townos.limits import GIT_CHECKOUT_BATCH_FILES
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import opened_directory

MARKER: Final = "town-os-step.json"
_EXACTLY: Final = CheckoutStrategy.FORCE | CheckoutStrategy.DISABLE_PATHSPEC_MATCH


def head_tree(repo: pygit2.Repository) -> pygit2.Tree:
    """Return the tree of HEAD, or the empty tree while there is no commit."""
    if repo.head_is_unborn:
        empty = repo[repo.TreeBuilder().write()]
        assert isinstance(empty, pygit2.Tree)
        return empty
    return repo.head.peel(pygit2.Tree)


def changed_paths(before: pygit2.Tree, after: pygit2.Tree) -> list[str]:
    """List the files that differ between two trees, removed and added ones included."""
    paths: set[str] = set()
    for delta in before.diff_to_tree(after).deltas:
        paths.update((delta.old_file.path, delta.new_file.path))
    return sorted(paths)


def write_tree(
    repo: pygit2.Repository, tree: pygit2.Tree, paths: list[str], checkpoint: Checkpoint, *, update_index: bool = True
) -> None:
    """Write those of the paths that the tree has, for the owner of the working tree.

    They have been unlinked, so the others are gone already.

    libgit2 goes on to the end of a checkout whatever its progress callback raises, so it is done in batches; and it
    fails when a file and what replaces it as a directory are in one list, so the index forgets removed files first.
    """
    present = _files(tree, paths)
    if update_index:
        _forget(repo, set(paths).difference(present))
    strategy = _EXACTLY if update_index else _EXACTLY | CheckoutStrategy.DONT_UPDATE_INDEX
    for start in range(0, len(present), GIT_CHECKOUT_BATCH_FILES):  # never an empty list: that means every path
        checkpoint()
        batch = present[start : start + GIT_CHECKOUT_BATCH_FILES]
        repo.checkout_tree(tree, strategy=strategy, paths=batch)  # type: ignore[no-untyped-call]
        ownership.give(Path(repo.workdir), batch)


def _files(tree: pygit2.Tree, paths: Iterable[str]) -> list[str]:
    """Return those of the paths that are files of the tree.

    A directory is looked up once for all its files: each look-up from the root reads the objects of all directories on
    the way anew, which takes milliseconds where one has ten thousand entries.
    """
    known: dict[str, pygit2.Tree | None] = {"": tree}
    present = []
    for path in paths:
        parent, _, name = path.rpartition("/")
        directory = _directory(known, parent) if parent else tree
        if directory is not None and name in directory and directory[name].filemode != FileMode.TREE:
            present.append(path)
    return present


def _directory(known: dict[str, pygit2.Tree | None], path: str) -> pygit2.Tree | None:
    """Return a directory of the tree whose root is known as `""`, if there is one."""
    place = ""
    for name in path.split("/"):
        above, place = known[place], f"{place}/{name}".lstrip("/")
        if place not in known:
            found = above[name] if above is not None and name in above else None
            known[place] = found if isinstance(found, pygit2.Tree) else None
    return known[place]


def _forget(repo: pygit2.Repository, paths: set[str]) -> None:
    index = repo.index
    index.read(force=True)
    for path in paths:
        if path in index:
            index.remove(path)
    index.write()


@contextmanager
def step(repo: pygit2.Repository, paths: list[str]) -> Iterator[None]:
    """Unlink these paths, let the body make them anew, and put them back to HEAD's state if it fails.

    Raises `GitRefused`, with nothing touched, for a path that is not inside the tree.
    """
    for path in paths:
        components(path)
    _write_marker(repo, paths)
    try:
        _unlink(Path(repo.workdir), paths)
        yield
    except BaseException:
        _restore(repo, paths)
        raise
    _tidy(Path(repo.workdir), paths)
    _marker(repo).unlink()


def recover(repo: pygit2.Repository) -> None:
    """Finish a step that a crash interrupted: its paths go back to what HEAD has.

    Older versions noted any path that a tree object held; those that are not inside the tree were never written.
    """
    try:
        paths = json.loads(_marker(repo).read_bytes())
    except FileNotFoundError:
        return
    except (ValueError, RecursionError):
        paths = None
    if not isinstance(paths, list):  # the crash came while the marker was being written, before anything was changed
        _marker(repo).unlink()
        return
    (Path(repo.path) / "index.lock").unlink(missing_ok=True)
    _restore(repo, [path for path in paths if isinstance(path, str) and is_inside(path)])


def reset_index(repo: pygit2.Repository) -> None:
    """Make the index what HEAD has, whatever it was."""
    repo.index.read_tree(head_tree(repo))
    repo.index.write()


def reset_paths(repo: pygit2.Repository, paths: Iterable[str]) -> None:
    """Make these paths, on disk and in the index, what HEAD has; those that HEAD has not disappear."""
    wanted = sorted(set(paths))
    _unlink(Path(repo.workdir), wanted)
    write_tree(repo, head_tree(repo), wanted, lambda: None)
    _tidy(Path(repo.workdir), wanted)


def _restore(repo: pygit2.Repository, paths: Iterable[str]) -> None:
    reset_paths(repo, paths)
    _marker(repo).unlink()


def _marker(repo: pygit2.Repository) -> Path:
    return Path(repo.path) / MARKER


def _write_marker(repo: pygit2.Repository, paths: list[str]) -> None:
    with _marker(repo).open("w", encoding="utf-8") as file:
        json.dump(paths, file)
        file.flush()
        os.fsync(file.fileno())


def _unlink(root: Path, paths: Iterable[str]) -> None:
    """Unlink files, and leave their directories: libgit2 writes no file where HEAD has a directory that is gone."""
    for path in paths:
        *parents, name = components(path)
        with (
            suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError),
            opened_directory(root, parents) as parent,
        ):
            os.unlink(name, dir_fd=parent)


def _tidy(root: Path, paths: Iterable[str]) -> None:
    """Remove the directories above these paths that are empty now."""
    for parents in sorted({tuple(components(path)[:-1]) for path in paths}, reverse=True):
        with suppress(OSError):  # not empty: nothing to tidy above it either
            for depth in range(len(parents), 0, -1):
                with opened_directory(root, parents[: depth - 1]) as above:
                    os.rmdir(parents[depth - 1], dir_fd=above)

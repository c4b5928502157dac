"""What a commit holds, looked at before anything is compared with it or written from it."""

import os
from collections.abc import Sequence

import pygit2
from pygit2.enums import FileMode

from townos.git.bounds import Bounds
from townos.git.errors import GitRefused
from townos.git.native.failures import cleaned
from townos.git.native.paths import check_name
from townos.i18n import Bytes
from townos.limits import GIT_DIRECTORY_MAX_BYTES, GIT_FILE_MAX_BYTES, GIT_PATH_MAX_BYTES
from townos.posix.checkpoints import Checkpoint


def check(repo: pygit2.Repository, tree: pygit2.Tree, bounds: Bounds, checkpoint: Checkpoint) -> None:
    """Walk a whole tree. Raises `GitRefused` for a name that leads astray, and for more than the bounds allow.

    One object may stand in many places, so all is counted as often as it would become a file.
    """
    count = size = 0
    waiting = [(tree.id, 0)]
    while waiting:
        checkpoint()
        directory, above = waiting.pop()
        entries = _entries(repo, directory)
        _check_names(entries, above)
        if not bounds.submodules and any(entry.filemode == FileMode.COMMIT for entry in entries):
            raise GitRefused("git.submodules")
        count += len(entries)
        sizes = [_size(repo, entry) for entry in entries]
        size += sum(sizes)
        if max(sizes, default=0) > GIT_FILE_MAX_BYTES:
            raise GitRefused("git.file_too_large", Bytes(GIT_FILE_MAX_BYTES))
        if count > bounds.tree_entries:
            raise GitRefused("git.too_many_files", bounds.tree_entries)
        if size > bounds.tree_bytes:
            raise GitRefused("git.too_many_bytes", Bytes(bounds.tree_bytes))
        waiting += [
            (entry.id, above + len(entry.raw_name or b"") + 1) for entry in entries if entry.filemode == FileMode.TREE
        ]


def _entries(repo: pygit2.Repository, directory: pygit2.Oid) -> Sequence[pygit2.Object]:
    if repo.odb.read_header(directory)[1] > GIT_DIRECTORY_MAX_BYTES:  # not even read
        raise GitRefused("git.directory_too_large", Bytes(GIT_DIRECTORY_MAX_BYTES))
    return list(repo[directory].peel(pygit2.Tree))


def _check_names(entries: Sequence[pygit2.Object], above: int) -> None:
    """Refuse bad names, names that stand there twice, and paths that are longer than the system takes."""
    known = set()
    for entry in entries:
        name = os.fsdecode(entry.raw_name or b"")
        check_name(name)
        if name in known:
            raise GitRefused("git.entry_name", cleaned(name))
        if above + len(os.fsencode(name)) > GIT_PATH_MAX_BYTES:
            raise GitRefused("git.path_too_long", Bytes(GIT_PATH_MAX_BYTES))
        known.add(name)


def _size(repo: pygit2.Repository, entry: pygit2.Object) -> int:
    """Return how many bytes a file would have; a directory and a submodule have none of their own."""
    if entry.filemode in {FileMode.TREE, FileMode.COMMIT}:
        return 0
    return repo.odb.read_header(entry.id)[1]

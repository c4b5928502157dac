"""Making the `.git` of a volume safe to open: a program in a container could write there what it liked.

libgit2 believes what lies in `.git`: a link, an alternate object store or a setting leads it anywhere on this machine.
So nothing but files and directories may be there and nothing that leads elsewhere, the configuration is always one of
our own, and what libgit2 would read but does without is deleted. No program may be running on the volume.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from townos.git.errors import GitRefused
from townos.git.native.failures import cleaned
from townos.git.url import GitUrl
from townos.i18n import Bytes
from townos.limits import (
    GIT_DEPTH_MAX,
    GIT_METADATA_MAX_BYTES,
    GIT_METADATA_MAX_ENTRIES,
    GIT_RULES_MAX_BYTES,
)
from townos.posix.checkpoints import Checkpoint
from townos.posix.files import opened_directory, replace_file

ELSEWHERE: Final = ("commondir", "objects/info/alternates", "objects/info/http-alternates")
"""What makes libgit2 take objects, references or settings from another place (gitrepository-layout(5))."""
DISPENSABLE: Final = (
    "config.worktree",
    "index",  # made anew from HEAD: what was staged becomes a change that is not staged
    "info/attributes",
    "info/grafts",
    "objects/info/commit-graph",
    "objects/pack/multi-pack-index",
)
"""What libgit2 reads if it is there; the formats are intricate, and nothing of a person is lost with it."""
RULES: Final = (".gitattributes", ".gitignore", ".gitmodules")
"""What libgit2 reads from any directory of the working tree, through a link too, and for ever from a FIFO."""


def secure(directory: Path, url: GitUrl, checkpoint: Checkpoint) -> None:
    """Check what libgit2 would read of a volume, then write our own configuration into its `.git`.

    Raises `GitRefused`, with nothing touched, when something leads elsewhere or is more than it should be.
    """
    place = directory.name
    with opened_directory(directory) as top:
        _check_rules(place, top, checkpoint)
        locks = _check_metadata(place, top, checkpoint)
    _make_ours(directory / ".git", url, locks)


def _check_metadata(place: str, top: int, checkpoint: Checkpoint) -> list[str]:
    """Look at all that is in `.git`, and return the lock files: nothing runs, so whoever made them has died."""
    locks = []
    with _opened_metadata(place, top) as metadata:
        for number, (path, found) in enumerate(_walk(place, metadata, checkpoint)):
            if number >= GIT_METADATA_MAX_ENTRIES:
                raise GitRefused("git.metadata_too_many", place, GIT_METADATA_MAX_ENTRIES)
            _check(place, path, found)
            if path.endswith(".lock") and stat.S_ISREG(found.st_mode):
                locks.append(path)
    return locks


@contextmanager
def _opened_metadata(place: str, top: int) -> Iterator[int]:
    with ExitStack() as stack:
        try:
            metadata = stack.enter_context(opened_directory(top, [".git"]))
        except NotADirectoryError:
            raise GitRefused("git.metadata_link", place, ".git") from None
        yield metadata


def _check(place: str, path: str, found: os.stat_result) -> None:
    if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        raise GitRefused("git.metadata_link", place, cleaned(path))
    if path in ELSEWHERE:
        raise GitRefused("git.metadata_elsewhere", place, path)
    is_large = found.st_size > GIT_METADATA_MAX_BYTES and stat.S_ISREG(found.st_mode)
    if is_large and not path.startswith("objects/"):
        raise GitRefused("git.metadata_too_large", place, Bytes(GIT_METADATA_MAX_BYTES), cleaned(path))


def _check_rules(place: str, top: int, checkpoint: Checkpoint) -> None:
    for path, found in _walk(place, top, checkpoint, without=".git"):
        if path.rpartition("/")[2] in RULES and not (
            stat.S_ISREG(found.st_mode) and found.st_size <= GIT_RULES_MAX_BYTES
        ):
            raise GitRefused("git.rules_unreadable", place, cleaned(path))


def _walk(place: str, top: int, checkpoint: Checkpoint, *, without: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and kind of all that is below an open directory, but for one name directly in it."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        above = waiting.pop()
        checkpoint()
        if len(above) > GIT_DEPTH_MAX:
            raise GitRefused("git.too_deep", place, GIT_DEPTH_MAX)
        with opened_directory(top, above) as directory, os.scandir(directory) as entries:
            for entry in entries:
                if not above and entry.name == without:
                    continue
                found = entry.stat(follow_symlinks=False)
                yield "/".join((*above, entry.name)), found
                if stat.S_ISDIR(found.st_mode):
                    waiting.append((*above, entry.name))


def _make_ours(metadata: Path, url: GitUrl, locks: list[str]) -> None:
    for path in (*DISPENSABLE, *locks):
        (metadata / path).unlink(missing_ok=True)
    replace_file(metadata / "config", configuration(url).encode(), mode=0o644)


def configuration(url: GitUrl) -> str:
    """Return all the settings that a volume's repository has; nested repositories are never looked into."""
    address = url.bare.replace("\\", "\\\\").replace('"', '\\"')
    return (
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
        f'[remote "origin"]\n\turl = "{address}"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
        "[diff]\n\tignoreSubmodules = all\n"
    )

"""What a directory holds, to the last detail that archives and volumes keep."""

import os
import stat
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: its kind and mode, owner, time of last change in nanoseconds, content or target, and other names.

    `device` are the numbers of one, `attributes` the extended ones.
    """

    mode: int
    owner: tuple[int, int]
    changed: int
    device: int
    attributes: Mapping[str, bytes]
    content: bytes
    names: tuple[str, ...] = ()


Tree = Mapping[str, Entry]


def tree(root: Path) -> Tree:
    """Return all that is in a directory, and itself as `.`, by path."""
    paths = {str(path.relative_to(root)): path for path in [root, *sorted(root.rglob("*"))]}
    names: defaultdict[int, list[str]] = defaultdict(list)
    for name, path in paths.items():
        names[path.lstat().st_ino].append(name)
    return {name: look(path, tuple(names[path.lstat().st_ino])) for name, path in paths.items()}


def inside(root: Path) -> Tree:
    """Return all that is in a directory, by path, without itself."""
    return {name: entry for name, entry in tree(root).items() if name != "."}


def look(path: Path, names: tuple[str, ...] = ()) -> Entry:
    """Return all that can be told of one thing."""
    found = path.lstat()
    return Entry(
        mode=found.st_mode,
        owner=(found.st_uid, found.st_gid),
        changed=found.st_mtime_ns,
        device=found.st_rdev,
        attributes={
            name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)
        },
        content=_content(path, found.st_mode),
        names=names,
    )


def _content(path: Path, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    return path.read_bytes() if stat.S_ISREG(mode) else b""

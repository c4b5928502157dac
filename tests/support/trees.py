"""What a directory holds, to the last detail that archives and volumes keep."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: its kind and mode, owner, time of last change in nanoseconds, content or target, and other names."""

    mode: int
    owner: tuple[int, int]
    changed: int
    content: bytes
    names: tuple[str, ...]


Tree = Mapping[str, Entry]


def tree(root: Path) -> Tree:
    """Return all that is in a directory, and itself as `.`, by path."""
    paths = [root, *sorted(root.rglob("*"))]
    seen = {str(path.relative_to(root)): path.lstat() for path in paths}
    return {
        name: Entry(
            mode=found.st_mode,
            owner=(found.st_uid, found.st_gid),
            changed=found.st_mtime_ns,
            content=_content(root / name, found.st_mode),
            names=tuple(other for other in seen if seen[other].st_ino == found.st_ino),
        )
        for name, found in seen.items()
    }


def _content(path: Path, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    return path.read_bytes() if stat.S_ISREG(mode) else b""

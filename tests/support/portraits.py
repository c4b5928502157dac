"""What is in a directory, in full: for tests of what must come back as it was, or stay as it is."""

import os
import stat
from pathlib import Path


def portrait(top: Path) -> dict[str, tuple[object, ...]]:
    """Return of each thing below a directory all that `look` tells, and which names are one file."""
    found = {path.relative_to(top): path for path in sorted(top.rglob("*"))}
    names: dict[int, str] = {}
    for inner, path in found.items():
        names.setdefault(path.lstat().st_ino, str(inner))
    return {str(inner): (*look(path), names[path.lstat().st_ino]) for inner, path in found.items()}


def look(path: Path) -> tuple[object, ...]:
    """Return all that can be told of one thing."""
    status = path.lstat()
    attributes = {name: os.getxattr(path, name, follow_symlinks=False) for name in _attributes(path)}
    kind = stat.S_IFMT(status.st_mode)
    told = (oct(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns, status.st_rdev, attributes)
    match kind:
        case stat.S_IFREG:
            return (*told, path.read_bytes())
        case stat.S_IFLNK:
            return (*told, os.fsencode(path.readlink()))
    return told


def _attributes(path: Path) -> list[str]:
    return os.listxattr(path, follow_symlinks=False)

"""Built things kept between runs, each in a directory named after a hash of everything it was made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bed.places import CACHE, CHECKOUT, RUN
from tests.bed.terminal import Say

_KEY_DIGITS: Final = 12


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes of this machine respect; the kernel gives it back when this one ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tree(root: Path, *, without: Iterable[str] = ()) -> list[Path]:
    """Return every file below `root` in a stable order, leaving out directories named in `without`."""
    left_out = set(without)
    found: list[Path] = []
    for directory, names, files in os.walk(root):
        names[:] = sorted(set(names) - left_out)
        found += [Path(directory, name) for name in sorted(files)]
    return found


def key(recipe: Iterable[str], files: Iterable[Path]) -> str:
    """Return a hash of texts and of files: their names, modes and contents."""
    digest = hashlib.sha256()
    for text in recipe:
        digest.update(f"{len(text)}:{text}".encode())
    for path in files:
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        digest.update(f"{os.path.relpath(path, CHECKOUT)}:{path.lstat().st_mode:o}:{len(content)}:".encode() + content)
    return digest.hexdigest()[:_KEY_DIGITS]


def cached(kind: str, name: str, build: Callable[[Path, Say], None], say: Say) -> Path:
    """Return the directory of that key, built now if need be. The caller holds the lock of building.

    A build that fails leaves nothing; older directories of the kind go unless a bed that is up stands on them.
    """
    wanted = CACHE / f"{kind}-{name}"
    if wanted.is_dir():
        return wanted
    partial = CACHE / f"{kind}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        build(partial, say)
        partial.rename(wanted)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    for old in CACHE.glob(f"{kind}-*"):
        if old != wanted and not _in_use(old):
            shutil.rmtree(old)
    return wanted


def _in_use(directory: Path) -> bool:
    return any(str(directory) in record.read_text() for record in RUN.glob("*/bed.json"))

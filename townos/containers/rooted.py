"""Finding a directory of an image as a program inside of it would, seen from outside. Blocks."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from townos.limits import CONTAINER_PATH_STEPS_MAX
from townos.posix.files import opened_directory


@contextmanager
def opened_below(root: Path, names: Sequence[str]) -> Iterator[int]:
    """Open the directory that these names lead to when `root` is `/`.

    Images have symbolic links on the way, such as `/var/run`: they are followed, but an absolute one begins at `root`
    again, and `..` ends there, as after chroot(2). Raises `OSError` (ENOENT, ENOTDIR, ELOOP).
    """
    with opened_directory(root, _resolved(root, names)) as found:
        yield found


def _resolved(root: Path, names: Sequence[str]) -> list[str]:
    """Return names that lead to the same place without any link."""
    resolved: list[str] = []
    pending = list(reversed(names))
    for _ in range(CONTAINER_PATH_STEPS_MAX):
        if not pending:
            return resolved
        name = pending.pop()
        target = _link(root, resolved, name)
        if name == "..":
            resolved = resolved[:-1]
        elif target is None:
            resolved.append(name)
        else:
            resolved = [] if target.startswith("/") else resolved
            pending += [part for part in reversed(target.split("/")) if part not in {"", "."}]
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _link(root: Path, above: Sequence[str], name: str) -> str | None:
    """Return where a symbolic link leads; None for anything else."""
    with opened_directory(root, above) as directory:
        try:
            return os.readlink(name, dir_fd=directory)
        except OSError as error:
            if error.errno == errno.EINVAL:  # there, and no link
                return None
            raise

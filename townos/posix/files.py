"""Files that survive a power cut, and directories that are reached without following a symlink. All of it blocks."""

import ctypes
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".tmp-"
"""What a crash in the middle of writing leaves begins with this."""


_EXCEPT_OVER: Final = 1  # RENAME_NOREPLACE of linux/fs.h
_EXCHANGE: Final = 2  # RENAME_EXCHANGE
_libc: Final = ctypes.CDLL(None, use_errno=True)
OPEN_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that after a power cut it is the old one or the new one. Blocks: call it in a worker thread."""
    temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make what was created, renamed or removed in a directory last."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def sync_file_system(descriptor: int) -> None:
    """Make everything that was done on the file system of an open file or directory last."""
    if _libc.syncfs(descriptor):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@contextmanager
def opened_directory(root: Path | int, parts: Sequence[str] = ()) -> Iterator[int]:
    """Open a directory some names below a path or an open directory, one name at a time.

    Raises `FileNotFoundError`; `NotADirectoryError` or ELOOP where a symlink or a file is in the way.
    """
    descriptor = os.dup(root) if isinstance(root, int) else os.open(root, OPEN_DIRECTORY)
    try:
        for part in parts:
            deeper = os.open(part, OPEN_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor
    finally:
        os.close(descriptor)


def is_empty_directory(path: Path) -> bool:
    """Say whether there is a directory with nothing in it; a symbolic link is none."""
    try:
        with opened_directory(path) as directory, os.scandir(directory) as entries:
            return next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return False


def clear_directory(path: Path) -> None:
    """Delete all that a directory holds, and follow no symbolic link."""
    with opened_directory(path) as directory:
        with os.scandir(directory) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for name, is_directory in found:
            if is_directory:
                shutil.rmtree(name, dir_fd=directory)
            else:
                os.unlink(name, dir_fd=directory)


def rename_if_free(source: int, target: int, name: str) -> None:
    """Move something from one open directory to another. Raises `FileExistsError` when the name is taken there."""
    _renameat2(source, name, target, name, _EXCEPT_OVER)


def exchange(source: int, one: str, target: int, other: str) -> None:
    """Swap something in one open directory with something in another, in one step."""
    _renameat2(source, one, target, other, _EXCHANGE)


def _renameat2(source: int, one: str, target: int, other: str, flags: int) -> None:
    if _libc.renameat2(source, os.fsencode(one), target, os.fsencode(other), flags):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), other)

"""Adding a file to a volume whose content is anybody's: no symbolic link is followed, and nothing is overwritten.

Everything here blocks and runs in a worker thread.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from stat import S_IMODE
from typing import Final

from townos.errors import Invalid
from townos.names import InnerPath
from townos.posix.entries import is_there
from townos.posix.files import OPEN_DIRECTORY
from townos.storage.btrfs.directories import told
from townos.storage.paths import VolumePath
from townos.storage.volumes import Owner

_FILE_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o750
_UNFINISHED_MODE: Final = 0o1700
"""What a new directory has until its owner is set, so that doing it again after a crash sets the owner too."""


def add_file(root: int, volume: VolumePath, path: InnerPath, content: bytes, owner: Owner | None) -> bool:
    """Write a new file below the open root of a volume; return False if anything is there.

    Until its last moment the file has no name: a crash leaves nothing of it. Raises `Invalid` where something above it
    is no directory, and `OSError` when there is no space.
    """
    *above, name = path.parts
    directory = root
    with ExitStack() as stack:
        for depth, part in enumerate(above, start=1):
            try:
                directory = stack.enter_context(_directory(directory, part, owner))
            except NotADirectoryError as error:
                raise Invalid("storage.in_the_way", "/".join(path.parts[:depth]), told(volume.parts)) from error
        return not is_there(directory, name) and _add(directory, name, content, owner)


@contextmanager
def _directory(above: int, name: str, owner: Owner | None) -> Iterator[int]:
    """Open a directory, made if needed; one that was made goes again if what follows fails."""
    made = _made(above, name)
    try:
        descriptor = os.open(name, OPEN_DIRECTORY, dir_fd=above)
        try:
            if S_IMODE(os.fstat(descriptor).st_mode) == _UNFINISHED_MODE:
                _finish(descriptor, _DIRECTORY_MODE, owner)
            yield descriptor
        finally:
            os.close(descriptor)
    except BaseException:
        if made:
            with suppress(OSError):  # somebody has put something there meanwhile
                os.rmdir(name, dir_fd=above)
        raise


def _made(above: int, name: str) -> bool:
    try:
        os.mkdir(name, _UNFINISHED_MODE, dir_fd=above)
    except FileExistsError:
        return False
    return True


def _add(directory: int, name: str, content: bytes, owner: Owner | None) -> bool:
    descriptor = os.open(".", os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, _FILE_MODE, dir_fd=directory)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        _finish(descriptor, _FILE_MODE, owner)
        os.fsync(descriptor)  # the name must not last without the content
        try:
            os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=directory, follow_symlinks=True)
        except FileExistsError:
            return False
    return True


def _finish(descriptor: int, mode: int, owner: Owner | None) -> None:
    if owner is not None:
        os.fchown(descriptor, *owner)
    os.fchmod(descriptor, mode)

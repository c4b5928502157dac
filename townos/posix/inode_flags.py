"""The mark of a file, or of a directory for its new files, by which btrfs writes in place (NOCOW). All of it blocks."""

from array import array
from errno import EINVAL, ENOTTY, EOPNOTSUPP
from fcntl import ioctl
from typing import Final

_GET_FLAGS: Final = 0x80086601  # FS_IOC_GETFLAGS of linux/fs.h: an int, whatever the number says of its size
_SET_FLAGS: Final = 0x40086602  # FS_IOC_SETFLAGS
_COMPRESSED: Final = 0x00000004  # FS_COMPR_FL, which excludes the other
_NO_COPY_ON_WRITE: Final = 0x00800000  # FS_NOCOW_FL
_WITHOUT_FLAGS: Final = frozenset({ENOTTY, EOPNOTSUPP, EINVAL})  # what file systems say that know no such mark


def writes_in_place(descriptor: int) -> bool:
    """Tell whether something open has the mark. Raises `OSError`."""
    return bool(_flags(descriptor) & _NO_COPY_ON_WRITE)


def write_in_place(descriptor: int) -> None:
    """Mark a directory, or a file that has no content yet; nothing where there is no such mark. Raises `OSError`."""
    flags = _flags(descriptor)
    if flags & _NO_COPY_ON_WRITE:
        return
    try:
        ioctl(descriptor, _SET_FLAGS, array("i", [flags & ~_COMPRESSED | _NO_COPY_ON_WRITE]))
    except OSError as error:
        if error.errno not in _WITHOUT_FLAGS:
            raise


def _flags(descriptor: int) -> int:
    flags = array("i", [0])
    try:
        ioctl(descriptor, _GET_FLAGS, flags)
    except OSError as error:
        if error.errno not in _WITHOUT_FLAGS:
            raise
    return flags[0]

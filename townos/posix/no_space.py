"""How the kernel and programs tell that there is no space left: on the disk, or within a quota."""

from errno import EDQUOT, ENOSPC
from typing import Final

from townos.errors import NoSpace
from townos.posix.process import ProcessFailed

_DISK_FULL: Final = "no space left on device"
_QUOTA_REACHED: Final = "disk quota exceeded"


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error is due to a full disk. A reached quota is something else."""
    match error:
        case OSError():
            return error.errno == ENOSPC
        case ProcessFailed():
            return says_disk_full(error.stderr)
        case NoSpace():
            return is_disk_full(error.__cause__)
    return False


def is_out_of_space(error: OSError) -> bool:
    """Tell whether an error is due to a full disk or a reached quota."""
    return error.errno in {ENOSPC, EDQUOT}


def says_disk_full(text: str) -> bool:
    """Tell whether a program says that the disk is full."""
    return _DISK_FULL in text.lower()


def says_out_of_space(text: str) -> bool:
    """Tell whether a program says that the disk is full or a quota reached."""
    return says_disk_full(text) or _QUOTA_REACHED in text.lower()

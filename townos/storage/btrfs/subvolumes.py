"""What the kernel says of an open subvolume and does with it. Everything here blocks and runs in a worker thread."""

import os
from fcntl import ioctl
from struct import pack_into, unpack_from
from typing import Final

SUBVOLUME_INODE: Final = 256  # BTRFS_FIRST_FREE_OBJECTID: the root directory of every subvolume, and nothing else
_INO_LOOKUP: Final = 0xD0009412  # BTRFS_IOC_INO_LOOKUP: u64 treeid, u64 objectid, char name[4080]
_INO_LOOKUP_BYTES: Final = 4096
_GET_FLAGS: Final = 0x80089419  # BTRFS_IOC_SUBVOL_GETFLAGS: u64 flags
_SET_FLAGS: Final = 0x4008941A  # BTRFS_IOC_SUBVOL_SETFLAGS: u64 flags
_FLAGS_BYTES: Final = 8
_READ_ONLY: Final = 2  # BTRFS_SUBVOL_RDONLY
_SYNC: Final = 0x9408  # BTRFS_IOC_SYNC: commit the transaction, without waiting for deleted subvolumes


def is_subvolume(descriptor: int) -> bool:
    """Tell whether an open directory is the root of a subvolume."""
    return os.fstat(descriptor).st_ino == SUBVOLUME_INODE


def subvolume_id(descriptor: int) -> int:
    """Return the id of the subvolume that an open directory is in. Raises `OSError` on another file system."""
    buffer = bytearray(_INO_LOOKUP_BYTES)
    pack_into("=QQ", buffer, 0, 0, SUBVOLUME_INODE)
    ioctl(descriptor, _INO_LOOKUP, buffer)
    (tree,) = unpack_from("=Q", buffer)
    return int(tree)


def make_read_only(descriptor: int) -> None:
    """Let nothing in a subvolume change any more; it can still be deleted."""
    buffer = bytearray(_FLAGS_BYTES)
    ioctl(descriptor, _GET_FLAGS, buffer)
    (flags,) = unpack_from("=Q", buffer)
    pack_into("=Q", buffer, 0, flags | _READ_ONLY)
    ioctl(descriptor, _SET_FLAGS, buffer)


def commit(descriptor: int) -> None:
    """Make all that was done last through a power cut."""
    ioctl(descriptor, _SYNC)

"""Asking the kernel what is in the trees of a btrfs file system.

btrfs-progs print names as they are, and any process in a container may make a subvolume whose name has line breaks and
looks like lines of its own. Here no name is read: items are found by their keys, which are numbers.

Layouts are those of linux/btrfs.h and linux/btrfs_tree.h: the search is in the machine's byte order, items lie on the
disk in little-endian. Everything here blocks and runs in a worker thread; only root may search.
"""

import errno
from collections.abc import Iterator
from fcntl import ioctl
from struct import Struct
from typing import Final

_TREE_SEARCH: Final = 0xD0009411  # BTRFS_IOC_TREE_SEARCH, with a struct btrfs_ioctl_search_args
_ARGUMENTS_BYTES: Final = 4096
_KEY: Final = Struct("=7Q4I4Q")
"""struct btrfs_ioctl_search_key: tree, the bounds of object, offset and transaction, of type; count; unused fields."""
_COUNT: Final = Struct("=I")
_COUNT_OFFSET: Final = 64  # of nr_items within the key
_HEADER: Final = Struct("=3Q2I")  # struct btrfs_ioctl_search_header: transaction, object, offset, type, bytes
_U32_MAX: Final = 2**32 - 1
_U64_MAX: Final = 2**64 - 1

_ROOT_TREE: Final = 1
_ROOT_REF: Final = 156  # (id of a subvolume, ROOT_REF, id of one inside it)
_QUOTA_TREE: Final = 8
_QGROUP_STATUS: Final = 240  # (0, QGROUP_STATUS, 0)
_STATUS: Final = Struct("<3Q")
"""The beginning of struct btrfs_qgroup_status_item: version, generation, flags."""
_RESCANNING: Final = 2  # BTRFS_QGROUP_STATUS_FLAG_RESCAN
_INCONSISTENT: Final = 4  # BTRFS_QGROUP_STATUS_FLAG_INCONSISTENT
_QGROUP_INFO: Final = 242  # (0, QGROUP_INFO, id of the group)
_INFO: Final = Struct("<4Q")
"""The beginning of struct btrfs_qgroup_info_item: generation, bytes referenced, the same compressed, exclusive."""
_QGROUP_LIMIT: Final = 244  # (0, QGROUP_LIMIT, id of the group); groups of subvolumes are of level 0 and have their id
_SUBVOLUME_ID_MAX: Final = 2**48 - 1  # the level of a group is above these bits
_LIMIT: Final = Struct("<2Q")  # the beginning of struct btrfs_qgroup_limit_item: flags, most referenced bytes
_LIMITS_REFERENCED: Final = 1  # BTRFS_QGROUP_LIMIT_MAX_RFER


def subvolumes_inside(descriptor: int, identity: int) -> list[int]:
    """Return the ids of all subvolumes inside one, deepest first, so that they can be deleted in this order."""
    found: list[int] = []
    pending = [identity]
    while pending:  # no recursion: whoever made them chose how deep they are
        inside = [offset for offset, _ in _items(descriptor, _ROOT_TREE, pending.pop(), _ROOT_REF)]
        found += inside
        pending += inside
    return found[::-1]


def limits(descriptor: int) -> dict[int, int]:
    """Return the limit in bytes of each limited subvolume id; none when quotas are not enabled."""
    found = _quota_items(descriptor, _QGROUP_LIMIT, 0, _SUBVOLUME_ID_MAX)
    return {identity: limit for identity, item in found if (limit := _limit(item))}


def limit_of(descriptor: int, identity: int) -> int:
    """Return the limit in bytes of one subvolume; 0 is none."""
    return sum(_limit(item) for _, item in _quota_items(descriptor, _QGROUP_LIMIT, identity, identity))


def spaces(descriptor: int) -> dict[int, tuple[int, int]]:
    """Return of each subvolume id what `space_of` does; none when quotas are not enabled."""
    return {identity: _space(item) for identity, item in _quota_items(descriptor, _QGROUP_INFO, 0, _SUBVOLUME_ID_MAX)}


def space_of(descriptor: int, identity: int) -> tuple[int, int]:
    """Return how many bytes a subvolume holds, and how many of them no other does; zeros when quotas are not enabled.

    They are those of the last commit.
    """
    for _, item in _quota_items(descriptor, _QGROUP_INFO, identity, identity):
        return _space(item)
    return 0, 0


def counts_are_lost(descriptor: int) -> bool:
    """Tell whether the kernel knows no more what each group holds, and does not find it out already.

    The flags are those of the last commit.
    """
    flags = [int(_STATUS.unpack_from(item)[2]) for _, item in _quota_items(descriptor, _QGROUP_STATUS, 0, 0)]
    return any(flag & _INCONSISTENT and not flag & _RESCANNING for flag in flags)


def _space(item: bytes) -> tuple[int, int]:
    _, referenced, _, exclusive = _INFO.unpack_from(item)
    return referenced, exclusive


def _limit(item: bytes) -> int:
    flags, referenced = _LIMIT.unpack_from(item)
    return int(referenced) if flags & _LIMITS_REFERENCED else 0


def _quota_items(descriptor: int, kind: int, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    try:
        yield from _items(descriptor, _QUOTA_TREE, 0, kind, first=first, last=last)
    except OSError as error:
        if error.errno != errno.ENOENT:  # there is no quota tree
            raise


def _items(
    descriptor: int, tree: int, objectid: int, kind: int, *, first: int = 0, last: int = _U64_MAX
) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of the items of one object and type, by offset."""
    while first <= last:
        bounds = (tree, objectid, objectid, first, last, 0, _U64_MAX, kind, kind)
        arguments = bytearray(_ARGUMENTS_BYTES)
        _KEY.pack_into(arguments, 0, *bounds, _U32_MAX, 0, 0, 0, 0, 0)
        ioctl(descriptor, _TREE_SEARCH, arguments)
        (count,) = _COUNT.unpack_from(arguments, _COUNT_OFFSET)
        if not count:
            return
        position = _KEY.size
        for _ in range(count):
            _, _, offset, _, length = _HEADER.unpack_from(arguments, position)
            position += _HEADER.size
            yield offset, bytes(arguments[position : position + length])
            position += length
            first = offset + 1

"""Making one file, link or node like another: content, owner, mode, times, attributes. All of it blocks.

On btrfs the two files share their content from then on, also in different subvolumes. What is copied does not change;
the copy may be where a program is at work, so everything is reached by an open directory and a name, and no link is
followed.
"""

import os
import stat
from pathlib import Path
from typing import Final

from townos.posix.copy_rules import CopyRules
from townos.posix.file_content import copy_content
from townos.posix.inode_flags import write_in_place, writes_in_place

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ONLY_NAMED: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def copy_alone(source: int, target: int, name: str, like: os.stat_result, rules: CopyRules) -> None:
    """Copy anything but a directory from one open directory to another; `like` is its status. Raises `OSError`."""
    match stat.S_IFMT(like.st_mode):
        case stat.S_IFREG:
            _copy_file(source, target, name, rules)
        case stat.S_IFLNK:
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
            os.chown(name, like.st_uid, like.st_gid, dir_fd=target, follow_symlinks=False)
            os.utime(name, ns=(like.st_atime_ns, like.st_mtime_ns), dir_fd=target, follow_symlinks=False)
        case _:
            _make_node(target, name, like, rules)


def copy_status(source: int, target: int, rules: CopyRules) -> None:
    """Give an open file or directory what another one has beside its content. Raises `OSError`."""
    like = os.fstat(source)
    os.fchown(target, like.st_uid, like.st_gid)
    os.fchmod(target, rules.mode(like))  # after the owner: changing that takes the set-id bits away
    if rules.keeps_attributes:
        _copy_attributes(source, target)
    os.utime(target, ns=(like.st_atime_ns, like.st_mtime_ns))


def share_mark(source: int, target: int, rules: CopyRules) -> None:
    """Write in place where the original does: two files share content only if both do, or neither.

    It must be said before there is any content.
    """
    if rules.keeps_attributes and writes_in_place(source):
        write_in_place(target)


def _copy_attributes(source: int, target: int) -> None:
    attributes = os.listxattr(source)
    for inherited in set(os.listxattr(target)).difference(attributes):
        os.removexattr(target, inherited)
    for attribute in attributes:
        os.setxattr(target, attribute, os.getxattr(source, attribute))


def _copy_file(source: int, target: int, name: str, rules: CopyRules) -> None:
    with (
        os.fdopen(os.open(name, _READ, dir_fd=source), "rb", buffering=0) as old,
        os.fdopen(os.open(name, _NEW, 0o600, dir_fd=target), "wb", buffering=0) as new,
    ):
        share_mark(old.fileno(), new.fileno(), rules)
        copy_content(old.fileno(), new.fileno(), rules)
        copy_status(old.fileno(), new.fileno(), rules)


def _make_node(target: int, name: str, like: os.stat_result, rules: CopyRules) -> None:
    """Make a FIFO, a socket or a device."""
    os.mknod(name, like.st_mode, device=like.st_rdev, dir_fd=target)
    descriptor = os.open(name, _ONLY_NAMED, dir_fd=target)
    try:
        # By this name it is the thing itself that changes, whatever a program has put into its place meanwhile.
        itself = f"/proc/self/fd/{descriptor}"
        os.chown(itself, like.st_uid, like.st_gid)
        Path(itself).chmod(rules.mode(like))
        os.utime(itself, ns=(like.st_atime_ns, like.st_mtime_ns))
    finally:
        os.close(descriptor)

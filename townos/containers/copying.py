"""Copying a directory of an image's file system without ever leaving it or the place it is copied to.

An image can hold anything: links that lead out, device nodes, programs that run as root for whoever starts them.

What is kept: names, content, numeric owners, modes, times, links (the hard ones within the directory too). Programs
lose setuid and setgid, and files their extended attributes, so that nothing in a volume runs as somebody else.
FIFOs and sockets are left out: they mean nothing without the program that made them. A device is an error.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass

from townos.errors import Foreign
from townos.images import ImageDirectory, ImageReference
from townos.limits import CONTAINER_COPY_CHUNK_BYTES, CONTAINER_COPY_DEPTH_MAX, CONTAINER_COPY_MAX_ENTRIES
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import Parts
from townos.posix.file_copy import copy_status
from townos.posix.tree_copy import TreeCopy


@dataclass(slots=True)
class ImageCopy:
    """One copy of one directory, and its `CopyRules`. `progress` gets the bytes so far, now and then."""

    image: ImageReference
    directory: ImageDirectory
    checkpoint: Checkpoint
    progress: Callable[[int], None]
    _entries: int = 0
    _bytes: int = 0

    def run(self, source: int, target: int) -> None:
        """Copy what one open directory holds, its own owner and mode included, into another one. Blocks.

        Raises `Foreign` for a device and beyond the limits, and `OSError`.
        """
        TreeCopy(target, self).copy_all(source)
        copy_status(source, target, self)
        self.progress(self._bytes)

    @property
    def keeps_attributes(self) -> bool:
        """No: a file capability would let a program run as somebody else."""
        return False

    @property
    def piece_bytes(self) -> int:
        """How often progress is told."""
        return CONTAINER_COPY_CHUNK_BYTES

    def takes(self, path: Parts, found: os.stat_result) -> bool:
        """Take directories, files and symbolic links. Raises `Foreign` for a device and beyond the limits."""
        self.checkpoint()
        self._entries += 1
        if self._entries > CONTAINER_COPY_MAX_ENTRIES:
            raise Foreign("container.copy_too_many", self.image, CONTAINER_COPY_MAX_ENTRIES, self.directory)
        match stat.S_IFMT(found.st_mode):
            case stat.S_IFDIR:
                if len(path) > CONTAINER_COPY_DEPTH_MAX:
                    raise Foreign("container.copy_too_deep", self.image, CONTAINER_COPY_DEPTH_MAX, self.directory)
            case stat.S_IFIFO | stat.S_IFSOCK:
                return False
            case stat.S_IFCHR | stat.S_IFBLK:
                device = os.fsencode("/".join(path)).decode(errors="replace")
                raise Foreign("container.copy_device", self.image, device)
        return True

    def mode(self, found: os.stat_result) -> int:
        """Return the mode of the original, of a file without setuid and setgid, of a directory without setuid."""
        taken = stat.S_ISUID if stat.S_ISDIR(found.st_mode) else stat.S_ISUID | stat.S_ISGID
        return stat.S_IMODE(found.st_mode) & ~taken

    def copied(self, size: int) -> None:
        """Count the bytes."""
        before, self._bytes = self._bytes, self._bytes + size
        if self._bytes // CONTAINER_COPY_CHUNK_BYTES > before // CONTAINER_COPY_CHUNK_BYTES:
            self.progress(self._bytes)
        self.checkpoint()

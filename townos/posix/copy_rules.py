"""What of a tree is copied, and how the copies look: one port for every kind of copy."""

import os
from typing import Protocol

from townos.posix.entries import Parts


class CopyRules(Protocol):
    """The rules of one copy. What their methods raise ends it."""

    @property
    def keeps_attributes(self) -> bool:
        """Whether extended attributes come along, and the mark by which btrfs writes in place."""

    @property
    def piece_bytes(self) -> int:
        """The most bytes of a file between two calls of `copied`."""

    def takes(self, path: Parts, found: os.stat_result) -> bool:
        """Tell whether something is copied, or left out. Called once for each thing, before it is copied."""

    def mode(self, found: os.stat_result) -> int:
        """Return the permission bits of the copy of a file, directory or node."""

    def copied(self, size: int) -> None:
        """Be told of each piece of a file that was copied, in bytes."""

"""The rules of copies inside volumes: a copy is in all respects what the original is."""

import os
import stat
from dataclasses import dataclass
from typing import ClassVar

from townos.errors import Invalid
from townos.limits import RESTORE_DEPTH_MAX, VOLUME_COPY_BYTES
from townos.posix.checkpoints import Checkpoint
from townos.posix.entries import Parts


@dataclass(frozen=True, slots=True)
class ExactCopy:
    """`CopyRules` that take everything. They raise `Invalid` for what is too deep, which no archive is."""

    checkpoint: Checkpoint
    keeps_attributes: ClassVar = True
    piece_bytes: ClassVar = VOLUME_COPY_BYTES

    def takes(self, path: Parts, found: os.stat_result) -> bool:
        """Take it."""
        self.checkpoint()
        if stat.S_ISDIR(found.st_mode) and len(path) > RESTORE_DEPTH_MAX:
            raise Invalid.at("path", "storage.too_deep_to_restore", RESTORE_DEPTH_MAX)
        return True

    def mode(self, found: os.stat_result) -> int:
        """Return the mode of the original."""
        return stat.S_IMODE(found.st_mode)

    def copied(self, _: int) -> None:
        """Go on, unless this is to end."""
        self.checkpoint()

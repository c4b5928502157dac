"""Directories on the disk of the volumes that only root reaches and that are no volumes."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from townos.storage.paths import VolumePath


@dataclass(slots=True)
class Scratch:
    """A directory on the disk of the volumes that only root reaches; `name` finds it again after a restart.

    Whoever sets `kept` has handed it to something that is going to call `discard_scratch`.
    """

    name: str
    path: Path
    kept: bool = False


class ScratchSpace(Protocol):
    """The port to them. All raise `NoSpace` on a full disk, and `Unavailable` where there is no btrfs volume."""

    def scratch(self, quota: int) -> AbstractAsyncContextManager[Scratch]:
        """Give an empty directory on the same disk, within the quota; deleted in the end unless it is `kept`."""

    def scratch_location(self, name: str) -> Path:
        """Return the absolute path of a scratch directory, which may be gone. Raises `Invalid`."""

    async def discard_scratch(self, name: str) -> None:
        """Delete a scratch directory. None there: nothing to do. Raises `Invalid`."""

    def frozen(self, path: VolumePath) -> AbstractAsyncContextManager[Path]:
        """Give a copy of what a volume holds at this moment, that only root reaches; deleted in the end.

        Raises `NotFound`.
        """

"""The port to the disk images of virtual machines."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl
from townos.storage.snapshots import SnapshotId

DIRECTORY: Final = "vm-images"
"""The name of the subvolume that the images lie in."""

Progress = Callable[[int, int | None], None]
"""Gets the bytes that have arrived and all bytes, the latter `None` when the server does not tell."""


@dataclass(frozen=True, slots=True)
class VmImage:
    """An image as it lies in `vm-images`.

    `size` is that of the disk in bytes, though much of it may be holes. `origin` is the address it came from, as an
    `ImageUrl` shows itself, or empty for one that somebody put there.
    """

    name: VmImageName
    size: int
    origin: str = ""

    def is_from(self, url: ImageUrl) -> bool:
        """Tell whether fetching from an address would give this image, as far as one can know."""
        return self.origin in {"", str(url)}


class VmImages(Protocol):
    """Raw disks, each of which belongs to one machine: that machine writes to it."""

    async def list(self) -> list[VmImage]:
        """Return all finished images, sorted by name."""

    async def exists(self, name: VmImageName) -> bool:
        """Tell whether an image is there."""

    def location(self, name: VmImageName) -> Path:
        """Return where an image is, or would be."""

    async def fetch(self, url: ImageUrl, name: VmImageName, progress: Progress | None = None) -> None:
        """Download an image and convert it: it is there whole or not at all, also through a power cut.

        One that came from the same address is not fetched again. A download that was cancelled or interrupted goes on
        where it stopped, if the server can do that.

        Raises `Conflict` when the name is taken by an image from elsewhere, or somebody fetches it now; `Foreign`
        naming step and host; `Invalid` for what is not a usable image; `NoSpace` with the numbers.
        """

    async def snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Take a snapshot of a disk; its machine must not run. There already: nothing to do.

        It shares with the disk what they have in common, and takes no space at first. Raises `NotFound`, `NoSpace`.
        """

    async def restore(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Let a snapshot take the place of its disk; the machine must not run. No such snapshot: nothing to do."""

    async def delete_snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Delete a snapshot of a disk. None there: nothing to do."""

    async def serve(self) -> None:
        """Delete, now and from time to time, what interrupted downloads left, until cancelled."""

    async def remove(self, name: VmImageName) -> None:
        """Delete an image and what is left of its download. Raises `NotFound`; `Conflict` while it is being fetched."""

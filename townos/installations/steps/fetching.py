"""Everything that comes over the network before anything is touched: images, and the disks of virtual machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from townos.containers.podman import Podman
from townos.errors import NotFound
from townos.images import ImageReference
from townos.installations.steps.change import Change
from townos.operations.kinds import Progress, Step, nothing
from townos.packages.vm_source import VmImageSource
from townos.vm.images import Progress as DownloadProgress
from townos.vm.images import VmImages


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetches what the package runs and what its volumes are filled from."""

    podman: Podman
    vm_images: VmImages

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step; there is nothing to undo, for an image that is stored harms nobody."""
        if change.plan.vm_image:
            return (Step("vm-image", partial(self._fetch_disk, change.plan.vm_image), nothing, unit="bytes"),)
        return (Step("pull", partial(self._pull, change.plan.images), nothing, unit="bytes"),)

    async def _fetch_disk(self, image: str, progress: Progress) -> None:
        await fetch_disk(self.vm_images, image, progress)

    async def _pull(self, images: Sequence[str], progress: Progress) -> None:
        total = TotalProgress(progress, len(images))
        for image in images:
            await self.podman.pull(ImageReference.parse(image), total.download_progressed)
            total.download_ended()


async def fetch_disk(images: VmImages, image: str, progress: DownloadProgress | None = None) -> None:
    """Fetch the disk that a manifest names, unless it is here. Raises what `VmImages.fetch` raises, and `NotFound`."""
    source = VmImageSource.parse(image)
    if source.url is not None:
        await images.fetch(source.url, source.name, progress)
    elif not await images.exists(source.name):
        raise NotFound("vm.image_missing", source.name)


class TotalProgress:
    """Adds up the bytes of several downloads, one after the other.

    The total is known only when the last one has begun.
    """

    def __init__(self, progress: Progress, downloads: int) -> None:
        self._progress = progress
        self._downloads_left = downloads
        self._before = 0
        self._done = 0

    def download_progressed(self, done: int, total: int | None) -> None:
        """Take the progress of the present download."""
        self._done = done
        whole = self._before + total if total is not None and self._downloads_left == 1 else None
        self._progress(self._before + done, whole)

    def download_ended(self) -> None:
        """Go on to the next download."""
        self._downloads_left -= 1
        self._before += self._done
        self._done = 0

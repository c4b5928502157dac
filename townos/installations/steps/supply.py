"""Everything that comes over the network before anything is touched: images, and the disks of virtual machines."""

from collections.abc import Sequence

from townos.images import ImageReference
from townos.installations.planning.vm_disks import fetch_disk
from townos.installations.steps.change import Change
from townos.operations.kinds import Progress, Step, nothing


class Supply(Change):
    """Fetches what the package runs and what its volumes are filled from."""

    def steps(self) -> Sequence[Step]:
        """Return the step; there is nothing to undo, for an image that is stored harms nobody."""
        if self.plan.vm_image:
            return (Step("vm-image", self._fetch_disk, nothing, unit="bytes"),)
        return (Step("pull", self._pull, nothing, unit="bytes"),)

    async def _fetch_disk(self, progress: Progress) -> None:
        await fetch_disk(self.parts.vm_images, self.plan.vm_image, progress)

    async def _pull(self, progress: Progress) -> None:
        total = Total(progress, len(self.plan.images))
        for image in self.plan.images:
            await self.parts.podman.pull(ImageReference.parse(image), total.part)
            total.part_ended()


class Total:
    """Adds up what several downloads tell, one after the other; the whole is known only when the last one has begun."""

    def __init__(self, progress: Progress, parts: int) -> None:
        self._progress = progress
        self._parts_left = parts
        self._before = 0
        self._done = 0

    def part(self, done: int, total: int | None) -> None:
        """Take what the present download tells."""
        self._done = done
        whole = self._before + total if total is not None and self._parts_left == 1 else None
        self._progress(self._before + done, whole)

    def part_ended(self) -> None:
        """Go on to the next download."""
        self._parts_left -= 1
        self._before += self._done
        self._done = 0

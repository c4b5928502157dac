"""A container engine in memory."""

from collections import defaultdict
from pathlib import Path
from typing import Final

import trio

from townos.containers.podman import checked_name
from townos.containers.pulling import Progress
from townos.errors import Conflict, Foreign, Invalid, NotFound
from townos.images import ImageDirectory, ImageReference
from townos.posix.files import clear_directory, is_empty_directory

LAYER_BYTES: Final = 1_000_000


class FakePodman:
    """Behaves like `CommandPodman`. Images in `registry` can be pulled, by so many layers of
    `LAYER_BYTES`; others are unknown.

    `trees[image]` has the files that each of its directories holds, by their paths below it. `failures["pull"]` fails
    the next calls; `gate`, if set, holds a pull until it is opened, and `pulling` tells that it has begun.
    """

    def __init__(self, *registry: str) -> None:
        self.registry: dict[str, int] = dict.fromkeys(registry, 3)
        self.images: set[str] = set()
        self.containers: dict[str, str] = {}
        self.failures: defaultdict[str, list[Exception]] = defaultdict(list)
        self.pulls: list[str] = []
        self.trees: dict[str, dict[str, dict[str, bytes]]] = {}
        self.copies: list[tuple[str, str, Path]] = []
        self.pulling = trio.Event()
        self.gate: trio.Event | None = None

    async def pull(self, image: ImageReference, progress: Progress | None = None) -> None:
        await self._begin("pull")
        self.pulls.append(image)
        self.pulling.set()
        if self.gate is not None:
            await self.gate.wait()
        if image not in self.registry:
            raise Foreign("container.image_unknown", image, image.registry)
        layers = self.registry[image]
        for done in range(layers + 1):
            await trio.lowlevel.checkpoint()
            if progress is not None:
                progress(done * LAYER_BYTES, layers * LAYER_BYTES if done else None)
        self.images.add(image)

    async def image_exists(self, image: ImageReference) -> bool:
        await self._begin("image_exists")
        return image in self.images

    async def copy_out(
        self, image: ImageReference, directory: ImageDirectory, target: Path, progress: Progress | None = None
    ) -> None:
        await self._begin("copy_out")
        self.copies.append((image, directory, target))
        if image not in self.images:
            raise NotFound("container.image_missing", image)
        if not is_empty_directory(target):
            raise Conflict("container.copy_target", target.name)
        files = self.trees.get(image, {}).get(directory)
        if files is None:
            raise Invalid("container.copy_no_directory", image, directory)
        try:
            await self._fill(target, files, progress)
        except BaseException:
            clear_directory(target)
            raise

    async def remove_container(self, name: str) -> None:
        await self._begin("remove_container")
        self.containers.pop(checked_name(name), None)

    async def _fill(self, target: Path, files: dict[str, bytes], progress: Progress | None) -> None:
        done = 0
        for path, content in files.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(content)
            done += len(content)
            if progress is not None:
                progress(done, None)
            await trio.lowlevel.checkpoint()

    async def _begin(self, call: str) -> None:
        await trio.lowlevel.checkpoint()
        if self.failures[call]:
            raise self.failures[call].pop(0)

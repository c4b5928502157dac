"""Podman through its command line: images are pulled and containers cleared away; running them is systemd's work."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import trio

from townos.concurrency import open_nursery
from townos.containers.extraction import Extraction
from townos.containers.manifest import Manifest, manifest_of
from townos.containers.pulling import Progress, PullOutput, pull_error
from townos.errors import Foreign, Invalid, NoSpace, NotFound
from townos.i18n import Seconds
from townos.images import ImageDirectory, ImageReference
from townos.limits import CONTAINER_COMMAND_TIMEOUT_SECONDS, CONTAINER_PULL_TIMEOUT_SECONDS, CONTAINER_STOP_SECONDS
from townos.posix.process import Completed, ProcessTimeout, run, stream
from townos.posix.reserve import Reserve

log: Final = logging.getLogger(__name__)

RequireRoom = Callable[[int], Awaitable[None]]
"""Raises `NoSpace` when so many bytes have no room on the disk."""

_CONTAINER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")  # podman's own rule


class Podman(Protocol):
    """The port to the container engine."""

    async def pull(self, image: ImageReference, progress: Progress | None = None) -> None:
        """Fetch an image; `progress` gets bytes of layers: fetched or here already, and all, `None` until it is known.

        Cancelling stops the download; an image is stored whole or not at all. Raises `Foreign` naming image and
        registry, `NoSpace`.
        """

    async def image_exists(self, image: ImageReference) -> bool:
        """Tell whether an image is stored here."""

    async def copy_out(
        self, image: ImageReference, directory: ImageDirectory, target: Path, progress: Progress | None = None
    ) -> None:
        """Copy what a directory of a pulled image holds into an empty one; `progress` gets the bytes so far and `None`.

        Numeric owners, modes, times and links stay, those of the directory itself included; no file stays setuid or
        setgid, and FIFOs and sockets are left out. Nothing outside `target` is touched, and it is empty again after a
        failure. Raises `NotFound` for an image that is not here, `Invalid` for a directory that the image has not,
        `Conflict` for a target that is no empty directory, `Foreign` for devices and beyond the limits, `NoSpace`.
        """

    async def remove_container(self, name: str) -> None:
        """Stop and delete a container with its nameless volumes; no container: nothing to do.

        Raises `Invalid` for what is not a name.
        """


class CommandPodman:
    """Podman's program."""

    def __init__(
        self, require_room: RequireRoom, reserve: Reserve | None = None, command: Sequence[str] = ("podman",)
    ) -> None:
        self._require_room = require_room
        self._reserve = reserve or Reserve(None)
        self._command = tuple(command)
        self._extraction = Extraction(self._run)

    async def pull(self, image: ImageReference, progress: Progress | None = None) -> None:
        """Fetch an image."""
        output = PullOutput(progress)
        with trio.move_on_after(CONTAINER_PULL_TIMEOUT_SECONDS) as scope:
            await self._pull_if_it_fits(image, output)
        if scope.cancelled_caught:
            raise Foreign("container.pull_timeout", image, image.registry, Seconds(CONTAINER_PULL_TIMEOUT_SECONDS))
        output.finish()

    async def _pull_if_it_fits(self, image: ImageReference, output: PullOutput) -> None:
        """Pull, and stop when it becomes known that there is no room; asking first would make every pull slower."""
        refusal: NoSpace | None = None

        async def expect() -> None:
            nonlocal refusal
            try:
                await self._expect(image, output)
            except NoSpace as error:
                refusal = error
                nursery.cancel_scope.cancel()

        async with open_nursery() as nursery:
            nursery.start_soon(expect)
            await self._pull(image, output)
            nursery.cancel_scope.cancel()
        if refusal is not None:
            raise refusal

    async def _pull(self, image: ImageReference, output: PullOutput) -> None:
        pull = [*self._command, "pull", "--", image]
        async with stream(pull, on_stderr=output.feed, terminal=True) as child:
            async for _ in child.stdout:
                pass  # the image's id
            if status := await child.wait():
                await child.stderr_tail()  # all of it has been read then
                log.error("pulling %s failed with status %d: %s", image, status, output.said)
                raise pull_error(image, output.said)

    async def _expect(self, image: ImageReference, output: PullOutput) -> None:
        """Find out how large the image will be. A pull does not depend on it, so no failure to do so matters.

        Raises `NoSpace` when even the packed layers have no room; unpacked, they are larger still.
        """
        try:
            manifest = await self._manifest(image)
            if manifest and (digest := manifest.for_this_machine()):
                manifest = await self._manifest(f"{image.repository}@{digest}")
        except ProcessTimeout:
            return
        if manifest:
            sizes = manifest.layer_sizes()
            output.expect(sizes)
            if not await self.image_exists(image):
                await self._require_room(sum(sizes.values()))

    async def _manifest(self, image: str) -> Manifest | None:
        inspected = await self._run("manifest", "inspect", "--", image, check=False)
        return manifest_of(inspected.stdout, inspected.stderr)

    async def image_exists(self, image: ImageReference) -> bool:
        """Tell whether an image is stored here."""
        completed = await self._run("image", "exists", "--", image, check=False)
        if completed.returncode > 1:
            completed.check()
        return completed.returncode == 0

    async def copy_out(
        self, image: ImageReference, directory: ImageDirectory, target: Path, progress: Progress | None = None
    ) -> None:
        """Copy what a directory of a pulled image holds into an empty one."""
        if not await self.image_exists(image):
            raise NotFound("container.image_missing", image)
        await self._extraction.copy_out(image, directory, target, progress or _untold)

    async def remove_container(self, name: str) -> None:
        """Stop and delete a container."""
        stop = ("--force", "--ignore", "--time", str(CONTAINER_STOP_SECONDS))
        removal = ("rm", "--volumes", *stop, "--", checked_name(name))
        # podman writes down what it removes, and where it cannot, it removes nothing.
        await self._reserve.run_async(partial(self._run, *removal))

    async def _run(self, *arguments: str, check: bool = True) -> Completed:
        return await run([*self._command, *arguments], timeout=CONTAINER_COMMAND_TIMEOUT_SECONDS, check=check)


def checked_name(name: str) -> str:
    """Return the name of a container, fit for an argument vector. Raises `Invalid`."""
    if _CONTAINER_NAME.fullmatch(name) is None:
        raise Invalid("container.invalid_name", name)
    return name


def _untold(_done: int, _total: int | None) -> None:
    """Be progress that nobody wants to know."""

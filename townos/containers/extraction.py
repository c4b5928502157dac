"""Taking a directory out of an image: a container that is never started, its file system, and a copy of it."""

import errno
import logging
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Protocol

import trio

from townos.concurrency import shielded
from townos.containers.copying import ImageCopy
from townos.containers.pulling import Progress
from townos.containers.rooted import opened_below
from townos.errors import Conflict, Foreign, Invalid, NoSpace
from townos.i18n import Seconds
from townos.images import ImageDirectory, ImageReference
from townos.limits import (
    CONTAINER_CLEANUP_TIMEOUT_SECONDS,
    CONTAINER_COMMAND_TIMEOUT_SECONDS,
    CONTAINER_COPY_THREADS,
    CONTAINER_COPY_TIMEOUT_SECONDS,
)
from townos.posix.files import clear_directory, is_empty_directory, opened_directory
from townos.posix.no_space import is_out_of_space
from townos.posix.process import Completed, ProcessFailed, ProcessTimeout

log: Final = logging.getLogger(__name__)

SEED_PREFIX: Final = "town-os-seed-"
"""The containers made here are named so, and no others: what a crash leaves of them is known by it."""


class Run(Protocol):
    """Runs podman with these arguments."""

    async def __call__(self, *arguments: str) -> Completed:
        """Raises `ProcessFailed`, `ProcessTimeout`."""


class Extraction:
    """Copies directories out of images; several at a time do not disturb each other."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._threads = trio.CapacityLimiter(CONTAINER_COPY_THREADS)
        self._living: set[str] = set()

    async def copy_out(
        self, image: ImageReference, directory: ImageDirectory, target: Path, progress: Progress
    ) -> None:
        """Copy what a directory of an image holds into an empty one, which is empty again after a failure."""
        if not await trio.to_thread.run_sync(is_empty_directory, target):
            raise Conflict("container.copy_target", target.name)
        with trio.move_on_after(CONTAINER_COPY_TIMEOUT_SECONDS) as scope:
            async with self._file_system(image) as root:
                await self._copied(image, directory, root, target, progress)
        if scope.cancelled_caught:
            raise Foreign("container.copy_timeout", directory, image, Seconds(CONTAINER_COPY_TIMEOUT_SECONDS))

    @asynccontextmanager
    async def _file_system(self, image: ImageReference) -> AsyncIterator[Path]:
        """Make a container and yield where its file system is; both are gone afterwards."""
        name = f"{SEED_PREFIX}{secrets.token_hex(8)}"
        self._living.add(name)
        try:
            await self._clear_leftovers()
            # The command never runs, but podman wants one; a volume of the image would be made and hide its files.
            await self._run(
                "create", "--name", name, "--pull", "never", "--network", "none", "--image-volume", "ignore",
                "--", image, "true",
            )  # fmt: skip
            mounted = await self._run("mount", "--", name)
            yield Path(mounted.stdout.decode().rstrip("\n"))
        finally:
            with shielded(CONTAINER_COMMAND_TIMEOUT_SECONDS, "removing a container"):
                await self._remove(name)
            self._living.discard(name)

    async def _clear_leftovers(self) -> None:
        """Remove the containers of copies that a crash, or a clean-up that failed, has left."""
        listed = await self._run("ps", "--all", "--external", "--format", "{{.Names}}")
        names = [name for name in listed.stdout.decode().split() if name.startswith(SEED_PREFIX)]
        for name in names:
            if name not in self._living:
                await self._remove(name)

    async def _remove(self, name: str) -> None:
        try:
            with trio.fail_after(CONTAINER_CLEANUP_TIMEOUT_SECONDS):
                await self._run("rm", "--force", "--ignore", "--time", "0", "--", name)
        except (ProcessFailed, ProcessTimeout, trio.TooSlowError):
            log.warning("the container %s could not be removed and stays until the next copy", name)

    async def _copied(
        self, image: ImageReference, directory: ImageDirectory, root: Path, target: Path, progress: Progress
    ) -> None:
        def copied(size: int) -> None:
            trio.from_thread.run_sync(progress, size, None)

        copy = ImageCopy(image, directory, trio.from_thread.check_cancelled, copied)
        try:
            await trio.to_thread.run_sync(_copy, copy, root, target, limiter=self._threads)
        except OSError as error:
            if is_out_of_space(error):
                raise NoSpace("container.copy_no_space", directory, image) from error
            raise Foreign("container.copy_failed", directory, image, error.strerror or str(error)) from error


def _copy(copy: ImageCopy, root: Path, target: Path) -> None:
    with _source(copy, root) as source, opened_directory(target) as into:
        try:
            copy.run(source, into)
        except BaseException:
            clear_directory(target)
            raise


@contextmanager
def _source(copy: ImageCopy, root: Path) -> Iterator[int]:
    with ExitStack() as stack:
        try:
            source = stack.enter_context(opened_below(root, copy.directory.components))
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                raise Invalid("container.copy_no_directory", copy.image, copy.directory) from error
            raise
        yield source

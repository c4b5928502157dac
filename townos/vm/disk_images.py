"""Disk images in a directory: fetched into files beside them, which nobody takes for images, and renamed when whole."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Final

import trio

from townos.clock import Clock
from townos.concurrency import always
from townos.errors import Conflict, Foreign, Invalid, NoSpace, NotFound, Unavailable
from townos.i18n import Bytes, Seconds
from townos.limits import (
    CLEANUP_TIMEOUT_SECONDS,
    VM_COPY_TIMEOUT_SECONDS,
    VM_DOWNLOAD_TIMEOUT_SECONDS,
    VM_HASH_BYTES,
    VM_SWEEP_INTERVAL_SECONDS,
    VM_THREADS,
)
from townos.names import VmImageName
from townos.packages.vm_source import ImageUrl
from townos.posix.process import run
from townos.storage.snapshots import SnapshotId
from townos.storage.space.guard import SpaceGuard
from townos.vm import files
from townos.vm.download import download
from townos.vm.formats import checked_format
from townos.vm.images import Progress, VmImage
from townos.vm.partial import ORIGIN
from townos.vm.qemu_img import Converter, Measure
from townos.vm.space import space_errors

log: Final = logging.getLogger(__name__)

DIGEST: Final = "user.town-os.sha256"
"""The SHA-256 of the file as it was downloaded, in hexadecimal. The disk itself changes when its machine first runs."""


class DiskVmImages:
    """The directory `vm-images`. `max_bytes` tells how large a disk, and the file it comes in, may be."""

    def __init__(
        self,
        root: Path,
        converter: Converter,
        max_bytes: Callable[[], Awaitable[int]],
        clock: Clock,
        space: SpaceGuard,
    ) -> None:
        self._root = root
        self._converter = converter
        self._max_bytes = max_bytes
        self._clock = clock
        self._space = space
        self._busy: set[VmImageName] = set()
        self._threads = trio.CapacityLimiter(VM_THREADS)

    async def list(self) -> list[VmImage]:
        """Return all finished images, sorted by name."""
        return await trio.to_thread.run_sync(files.images, self._root, limiter=self._threads)

    async def exists(self, name: VmImageName) -> bool:
        """Tell whether an image is there."""
        return await self._find(name) is not None

    def location(self, name: VmImageName) -> Path:
        """Return where an image is, or would be."""
        return self._root / name

    async def fetch(self, url: ImageUrl, name: VmImageName, progress: Progress | None = None) -> None:
        """Download an image and convert it."""
        with self._reserved(name):
            image = await self._find(name)
            if image is not None:
                return _check_origin(image, url)
            source = self._root / f"{name}{files.DOWNLOAD}"
            try:
                async with space_errors(self._root):
                    await self._download(url, source, progress)
                    await self._convert(url, name, source)
            except (Invalid, NoSpace):  # another try would not go on with this file, and it may be what fills the disk
                await trio.to_thread.run_sync(files.unlink, source, limiter=self._threads)
                raise

    async def snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Copy a disk by reference, attributes included: the snapshot is whole or not there."""
        target = files.snapshot(self._root, name, identifier)
        if await trio.to_thread.run_sync(target.exists, limiter=self._threads):
            return
        if not await self.exists(name):
            raise NotFound("vm.image_missing", name)
        partial_copy = target.with_name(f"{target.name}{files.CONVERSION}")
        copying = ["cp", "--reflink=auto", "--sparse=always", "--preserve=all", "--", str(self._root / name)]
        with self._reserved(name):
            async with space_errors(self._root):
                await run([*copying, str(partial_copy)], timeout=VM_COPY_TIMEOUT_SECONDS)
                await trio.to_thread.run_sync(files.finish, partial_copy, target, {}, limiter=self._threads)

    async def restore(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Let a snapshot take the name of its disk."""
        await trio.to_thread.run_sync(files.restore, self._root, name, identifier, limiter=self._threads)

    async def delete_snapshot(self, name: VmImageName, identifier: SnapshotId) -> None:
        """Delete a snapshot of a disk."""
        await trio.to_thread.run_sync(files.unlink, files.snapshot(self._root, name, identifier), limiter=self._threads)

    async def remove(self, name: VmImageName) -> None:
        """Delete an image and what is left of its download."""
        with self._reserved(name):
            if not await self.exists(name):
                raise NotFound("vm.image_missing", name)
            await trio.to_thread.run_sync(files.remove, self._root, name, limiter=self._threads)

    async def serve(self) -> None:
        """Sweep away, now and from time to time, what interrupted downloads left and nobody goes on with."""
        while True:
            await self.sweep()
            await self._clock.sleep(VM_SWEEP_INTERVAL_SECONDS)

    async def sweep(self) -> None:
        """Delete what was left; nothing of images that are being fetched."""
        await trio.to_thread.run_sync(files.sweep, self._root, self._busy.copy(), limiter=self._threads)

    async def _find(self, name: VmImageName) -> VmImage | None:
        return next((image for image in await self.list() if image.name == name), None)

    @contextmanager
    def _reserved(self, name: VmImageName) -> Iterator[None]:
        if name in self._busy:
            raise Conflict("vm.being_fetched", name)
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.remove(name)

    async def _download(self, url: ImageUrl, source: Path, progress: Progress | None) -> None:
        most = await self._max_bytes()
        with trio.move_on_after(VM_DOWNLOAD_TIMEOUT_SECONDS) as scope:
            try:
                await download(url, source, max_bytes=most, space=self._space, threads=self._threads, progress=progress)
            except FileNotFoundError as error:
                raise Unavailable("storage.no_root", self._root.name) from error
        if scope.cancelled_caught:
            raise Foreign("vm.download_timeout", url.place, Seconds(VM_DOWNLOAD_TIMEOUT_SECONDS))

    async def _convert(self, url: ImageUrl, name: VmImageName, source: Path) -> None:
        target = self._root / f"{name}{files.CONVERSION}"
        kind = await trio.to_thread.run_sync(checked_format, source, limiter=self._threads)
        await self._check_size(await self._converter.measure(source, kind))
        digest = await _digest(source, self._threads)
        unlink = partial(trio.to_thread.run_sync, files.unlink, target, limiter=self._threads)
        async with always(unlink, CLEANUP_TIMEOUT_SECONDS, "deleting an unfinished image"):
            await trio.to_thread.run_sync(files.create, target, limiter=self._threads)
            await self._converter.convert(source, kind, target)
            attributes = {ORIGIN: str(url), DIGEST: digest}
            await trio.to_thread.run_sync(files.finish, target, self._root / name, attributes, limiter=self._threads)
        await trio.to_thread.run_sync(files.unlink, source, limiter=self._threads)
        log.info("the disk image %s came from %s, SHA-256 %s", name, url, digest)

    async def _check_size(self, measure: Measure) -> None:
        most = await self._max_bytes()
        if measure.size > most:
            raise Invalid("vm.too_large", Bytes(measure.size), Bytes(most))
        await self._space.require_room(measure.written)


def _check_origin(image: VmImage, url: ImageUrl) -> None:
    """Refuse a name that stands for another image."""
    if not image.is_from(url):
        raise Conflict("vm.from_elsewhere", image.name)


async def _digest(path: Path, threads: trio.CapacityLimiter) -> str:
    """Return the SHA-256 of a file, in pieces: a cancellation need not wait for the end of it."""
    digest = sha256()

    def feed() -> bool:
        chunk = file.read(VM_HASH_BYTES)
        digest.update(chunk)
        return bool(chunk)

    def opened() -> FileIO:
        return path.open("rb", buffering=0)

    with await trio.to_thread.run_sync(opened, limiter=threads) as file:
        while await trio.to_thread.run_sync(feed, limiter=threads):
            pass
    return digest.hexdigest()

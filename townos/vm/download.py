"""Downloading a file: within limits of size and space, going on after interruptions where the server lets it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import trio

from townos.concurrency import always
from townos.errors import Foreign, Invalid
from townos.i18n import Bytes
from townos.limits import CLEANUP_TIMEOUT_SECONDS, DOWNLOAD_TRIES, DOWNLOAD_WRITE_BYTES
from townos.packages.vm_source import ImageUrl
from townos.storage.space.guard import SpaceGuard
from townos.vm.http import Answer, Interrupted, get
from townos.vm.images import Progress
from townos.vm.partial import PartialFile

_CONTENT_RANGE: Final = re.compile(r"bytes (?:([0-9]{1,18})-[0-9]{1,18}|\*)/([0-9]{1,18}|\*)")
_VALIDATOR: Final = re.compile(r"[\x20-\x7e]{1,256}")  # what can be sent back, and kept in an attribute of the file
_WEB_PAGES: Final = ("text/html", "application/xhtml")


async def download(
    url: ImageUrl,
    path: Path,
    *,
    max_bytes: int,
    space: SpaceGuard,
    threads: trio.CapacityLimiter,
    progress: Progress | None = None,
) -> None:
    """Download a file; what is at `path` from an earlier try is gone on with. It stays there if this fails.

    Raises `Foreign` naming the host, `Invalid` for what is too large or a web page, `NoSpace` with the numbers.
    """
    file = await trio.to_thread.run_sync(PartialFile.open, path, str(url), limiter=threads)
    # Closing a file that was emptied before makes btrfs begin to write what has come since.
    close = partial(trio.to_thread.run_sync, file.close)
    async with always(close, CLEANUP_TIMEOUT_SECONDS, "closing a download"):
        await _Download(url, file, max_bytes, space, threads, progress).run()


@dataclass(frozen=True, slots=True)
class _Download:
    url: ImageUrl
    partial: PartialFile
    max_bytes: int
    space: SpaceGuard
    threads: trio.CapacityLimiter
    progress: Progress | None

    async def run(self) -> None:
        """Try until all is there, as long as each try gets further."""
        for tries_left in reversed(range(DOWNLOAD_TRIES)):
            before = (self.partial.size, self.partial.validator)
            try:
                return await self._try()
            except Interrupted:
                if not tries_left or before == (self.partial.size, self.partial.validator):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _try(self) -> None:
        async with get(self.url, self._conditions()) as answer:
            total = await self._begin(answer)
            await self._check_room(total)
            if self.partial.size != total:
                await self._copy(answer, total)

    def _conditions(self) -> Mapping[str, str]:
        """Ask for the rest, and for all of it if there is another version by now (RFC 9110, 13.1.5)."""
        if not self.partial.size or not self.partial.validator:
            return {}
        return {"Range": f"bytes={self.partial.size}-", "If-Range": self.partial.validator}

    async def _begin(self, answer: Answer) -> int | None:
        """Return the size of the whole, if the server tells it; from now on the answer's bytes follow the file's."""
        if answer.status in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
            return await self._go_on(answer)
        if answer.status != HTTPStatus.OK:
            raise Foreign("vm.download_status", answer.url.place, answer.status)
        _check_kind(answer)
        await trio.to_thread.run_sync(self.partial.restart, _validator(answer), limiter=self.threads)
        length = answer.headers.get("content-length")
        return int(length) if length is not None else None

    async def _go_on(self, answer: Answer) -> int | None:
        found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
        start, total = found.groups() if found else (None, None)
        if answer.status == HTTPStatus.PARTIAL_CONTENT and start == str(self.partial.size):
            return None if total in {None, "*"} else int(total)
        if answer.status != HTTPStatus.PARTIAL_CONTENT and total == str(self.partial.size):
            return self.partial.size  # there is nothing after what is here: it is complete
        await trio.to_thread.run_sync(self.partial.restart, limiter=self.threads)
        raise Interrupted("vm.bad_range", answer.url.place)

    async def _copy(self, answer: Answer, total: int | None) -> None:
        pending = bytearray()
        while chunk := await self._received(answer, pending):
            pending += chunk
            if len(pending) >= DOWNLOAD_WRITE_BYTES:
                await self._store(pending)
                self._tell(total)
        await self._store(pending)
        self._tell(total)
        if total not in {None, self.partial.size}:
            raise Interrupted("vm.connection_lost", answer.url.place)

    async def _received(self, answer: Answer, pending: bytearray) -> bytes:
        """Wait for the next piece; if there will be none, what has come is stored for the next try."""
        try:
            return await answer.receive()
        except Interrupted:
            await self._store(pending)
            raise

    async def _store(self, pending: bytearray) -> None:
        await self._check_room(self.partial.size + len(pending))
        await trio.to_thread.run_sync(self.partial.append, bytes(pending), limiter=self.threads)
        pending.clear()

    async def _check_room(self, size: int | None) -> None:
        """Refuse a file of this size if it is too large, or if the rest of it would fill the disk."""
        if size is None:
            return
        if size > self.max_bytes:
            raise Invalid("vm.too_large", Bytes(size), Bytes(self.max_bytes))
        await self.space.require_room(size - self.partial.size)

    def _tell(self, total: int | None) -> None:
        if self.progress is not None:
            self.progress(self.partial.size, total)


def _check_kind(answer: Answer) -> None:
    """Refuse a page for people, which hosts like to answer with instead of an error, and what is packed on the way."""
    if answer.headers.get("content-type", "").lower().startswith(_WEB_PAGES):
        raise Invalid("vm.web_page", answer.url)
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Foreign("vm.encoded", answer.url.place)


def _validator(answer: Answer) -> str:
    """Return what identifies this version of the file, for a host that can send the rest of one, else nothing."""
    if answer.headers.get("accept-ranges", "").lower() != "bytes":
        return ""
    tag = answer.headers.get("etag", "")
    found = tag if tag.startswith('"') else answer.headers.get("last-modified", "")
    return found if _VALIDATOR.fullmatch(found) else ""

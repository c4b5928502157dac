"""`repositories.json`: who may be asked for packages, in order of priority (docs/api.md, Repositories).

A JSON array of `{"name", "url"}` with the credentials inside the URL, mode 0600. Pairs `[name, url]`, which older
versions wrote, are read too. An entry that was added by somebody who is no administrator also has `"by_admin": false`;
without that key it counts as an administrator's. Writers hold an exclusive lock on `.lock` and replace the file, so
readers see the old one or the new one.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trio

from townos.errors import Internal, Unavailable
from townos.limits import (
    REPOSITORY_FILE_MAX_BYTES,
    REPOSITORY_LOCK_RETRY_SECONDS,
    REPOSITORY_LOCK_TIMEOUT_SECONDS,
)
from townos.posix.files import replace_file
from townos.repositories.repository import Repository

Change = Callable[[Sequence[Repository]], Sequence[Repository]]

FILE: Final = "repositories.json"
LOCK: Final = ".lock"


class RepositoriesFile:
    """The file in the repositories directory."""

    def __init__(self, base: Path) -> None:
        self._base = base

    async def load(self, seeds: Sequence[Repository]) -> list[Repository]:
        """Read the file, and write it with the seeds first if it does not exist. Raises `Internal`, `Unavailable`."""
        return await self._exclusive(lambda: self._load(seeds))

    async def update(self, change: Change) -> list[Repository]:
        """Replace the entries by what `change` makes of them; whatever it raises leaves the file as it was."""
        return await self._exclusive(lambda: self._update(change))

    async def _exclusive(self, work: Callable[[], list[Repository]]) -> list[Repository]:
        """Try until the lock is free: waiting inside `flock` could not be cancelled."""
        with trio.move_on_after(REPOSITORY_LOCK_TIMEOUT_SECONDS):
            while True:
                try:
                    return await trio.to_thread.run_sync(self._locked, work)
                except BlockingIOError:
                    await trio.sleep(REPOSITORY_LOCK_RETRY_SECONDS)
        raise Unavailable("repository.locked")

    def _locked(self, work: Callable[[], list[Repository]]) -> list[Repository]:
        self._base.mkdir(parents=True, exist_ok=True)
        with _lock(self._base / LOCK):
            return work()

    def _load(self, seeds: Sequence[Repository]) -> list[Repository]:
        if not (self._base / FILE).exists():
            self._write(_encoded(seeds, indent=None))
        return self._read()

    def _update(self, change: Change) -> list[Repository]:
        changed = list(change(self._read()))
        self._write(_encoded(changed, indent=2) + b"\n")
        return changed

    def _read(self) -> list[Repository]:
        path = self._base / FILE
        if path.stat().st_size > REPOSITORY_FILE_MAX_BYTES:
            raise Internal("repository.file_unreadable", FILE)
        try:
            return _entries(json.loads(path.read_bytes()))
        except (ValueError, RecursionError) as error:
            raise Internal("repository.file_unreadable", FILE) from error

    def _write(self, content: bytes) -> None:
        replace_file(self._base / FILE, content)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _entries(document: object) -> list[Repository]:
    if not isinstance(document, list):
        raise ValueError(FILE)  # noqa: TRY004 - like any other text that is not what it should be
    return [_entry(item) for item in document]


def _entry(item: object) -> Repository:
    match item:
        case {"name": str(name), "url": str(url), **others}:
            return Repository(name, url, others.get("by_admin", True) is True)
        case [str(name), str(url)]:
            return Repository(name, url)
    raise ValueError(FILE)


def _item(entry: Repository) -> dict[str, object]:
    item: dict[str, object] = {"name": entry.name, "url": entry.address}
    return item if entry.by_admin else {**item, "by_admin": False}


def _encoded(entries: Sequence[Repository], indent: int | None) -> bytes:
    items = [_item(entry) for entry in entries]
    separators = (",", ":") if indent is None else None
    return json.dumps(items, indent=indent, separators=separators, ensure_ascii=False).encode()

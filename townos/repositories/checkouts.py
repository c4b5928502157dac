"""The checkout directories: made whole or not at all, brought up to date, removed.

A clone is made below a hidden directory and then moved into place; what is removed is moved away first and deleted
afterwards. Whatever a crash leaves of either is hidden and swept at the next start.
"""

import secrets
import shutil
from functools import partial
from pathlib import Path
from typing import Final

import trio

from townos.concurrency import on_failure, shielded
from townos.errors import TownError
from townos.git import GitClient, GitUrl
from townos.limits import CLEANUP_TIMEOUT_SECONDS, GIT_LOCAL_TIMEOUT_SECONDS, REPOSITORY_CHANGE_TIMEOUT_SECONDS
from townos.names import RepositoryName
from townos.posix.removal import DELETIONS

INCOMING: Final = ".incoming-"
TRASH: Final = ".trash-"


class Checkouts:
    """The checkouts below the repositories directory."""

    def __init__(self, base: Path, git: GitClient) -> None:
        self._base = base
        self._git = git

    def path(self, name: RepositoryName) -> Path:
        """Return the directory of a checkout."""
        return self._base / name

    async def exists(self, name: RepositoryName) -> bool:
        """Say whether there is a directory with a repository in it."""
        return await trio.to_thread.run_sync((self.path(name) / ".git").exists)

    async def prepare(self, name: RepositoryName, url: GitUrl) -> "Incoming":
        """Clone, but not yet into place. Raises `GitFailed`, and then nothing is left."""
        parent = self._base / f"{INCOMING}{secrets.token_hex(8)}"
        await trio.to_thread.run_sync(partial(parent.mkdir, parents=True))
        async with on_failure(partial(_delete, parent), CLEANUP_TIMEOUT_SECONDS, "deleting a staged clone"):
            await self._git.clone(url, parent, name)
        return Incoming(parent, self.path(name))

    async def refresh(self, name: RepositoryName, url: GitUrl) -> list[TownError]:
        """Bring a checkout up to date and return what went wrong; local changes are kept over it.

        A missing one is cloned; so is one without `.git`, whose files are then replaced. After a crash between stash
        and apply, the next refresh applies the stash that was left.
        """
        try:
            if not await self.exists(name):
                await (await self.prepare(name, url)).put_in_place()
                return []
            await self._git.stash(self.path(name))
        except TownError as error:
            return [error]
        return await self._pull(self.path(name), url)

    async def _pull(self, path: Path, url: GitUrl) -> list[TownError]:
        errors: list[TownError] = []
        try:
            await self._git.pull(path, url=url)
        except TownError as error:
            errors.append(error)
        finally:
            with shielded(GIT_LOCAL_TIMEOUT_SECONDS, "applying a stash"):
                try:
                    await self._git.stash_apply(path)
                except TownError as error:
                    errors.append(error)
        return errors

    async def remove(self, name: RepositoryName) -> None:
        """Delete a checkout; no error if there is none."""
        trash = self._base / f"{TRASH}{secrets.token_hex(8)}"
        await trio.to_thread.run_sync(_move, self.path(name), trash)
        await _delete(trash)

    async def sweep(self) -> None:
        """Delete what a crash left: only before anything else uses the directory."""
        await DELETIONS.run(_sweep, self._base)


class Incoming:
    """A finished clone that waits beside its place."""

    def __init__(self, parent: Path, place: Path) -> None:
        self._parent = parent
        self._place = place

    async def put_in_place(self) -> None:
        """Move it to its place, instead of what may be there; cannot be cancelled halfway."""
        with shielded(REPOSITORY_CHANGE_TIMEOUT_SECONDS, "swapping a checkout"):
            await trio.to_thread.run_sync(self._swap)
            await _delete(self._parent)

    async def discard(self) -> None:
        """Delete it."""
        await _delete(self._parent)

    def _swap(self) -> None:
        _move(self._place, self._parent / f"{TRASH}old")
        (self._parent / self._place.name).rename(self._place)


def _move(source: Path, target: Path) -> None:
    if source.exists() or source.is_symlink():
        source.rename(target)


async def _delete(directory: Path) -> None:
    await DELETIONS.run(partial(shutil.rmtree, directory, ignore_errors=True))


def _sweep(base: Path) -> None:
    for pattern in (f"{INCOMING}*", f"{TRASH}*", ".*.clone-*", ".tmp-*"):
        for path in base.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

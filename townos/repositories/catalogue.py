"""What can be installed: an index in memory of all manifests of all repositories."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import trio

from townos.errors import TownError
from townos.git import GitClient
from townos.limits import CATALOGUE_BATCH_FILES, CATALOGUE_THREADS
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.repositories import scan
from townos.repositories.index import Group, Indexed, Listing, RepositoryIndex, Snapshot, VersionKey
from townos.repositories.scan import Found, Load, Problem

T = TypeVar("T")


class Catalogue:
    """Answers from memory.

    A refresh looks at every file's stamp and reads those that changed, in worker threads and in batches, so a refresh
    of ten thousand unchanged manifests reads none. Readers see the state before it or the state after it.
    """

    def __init__(self, base: Path, git: GitClient, load: Load, version_key: VersionKey) -> None:
        self._base = base
        self._git = git
        self._load = load
        self._version_key = version_key
        self._order: tuple[RepositoryName, ...] = ()
        self._indexes: dict[RepositoryName, RepositoryIndex] = {}
        self._snapshot = Snapshot(version_key)
        self._threads = trio.CapacityLimiter(CATALOGUE_THREADS)

    def arrange(self, names: Sequence[RepositoryName]) -> None:
        """Set which repositories there are, most important first; what was known of others is forgotten."""
        self._order = tuple(dict.fromkeys(names))
        self._indexes = {
            name: self._indexes.get(name) or RepositoryIndex(name, self._version_key) for name in self._order
        }
        self._publish()

    async def refresh(self, name: RepositoryName) -> None:
        """Index one repository anew, as far as it changed; one that is not arranged is left out."""
        if name not in self._order:
            return
        checkout = self._base / name
        async with self._git.working_tree(checkout):
            found, problems = await self._in_thread(scan.walk, checkout)
            manifests = await self._summaries(checkout, found, self._indexes[name])
            featured = await self._in_thread(_featured, checkout, problems)
        index = RepositoryIndex(name, self._version_key, manifests, featured, tuple(problems))
        await self._in_thread(lambda: index.group)  # sorting ten thousand versions is not for the event loop
        if name in self._order:  # it may have been removed meanwhile
            self._indexes[name] = index
            self._publish()

    async def _summaries(
        self, checkout: Path, found: Sequence[Found], known: RepositoryIndex
    ) -> dict[tuple[PackageName, Version], Indexed]:
        manifests: dict[tuple[PackageName, Version], Indexed] = {}
        for start in range(0, len(found), CATALOGUE_BATCH_FILES):
            batch = found[start : start + CATALOGUE_BATCH_FILES]
            manifests.update(await self._in_thread(_read_batch, checkout, batch, known, self._load))
        return manifests

    def entries(self) -> tuple[Listing, ...]:
        """Return one entry for each package name, by name: its highest version over all repositories."""
        return self._snapshot.entries

    def groups(self) -> tuple[Group, ...]:
        """Return each repository's packages in their highest versions, most important repository first."""
        return tuple(repository.group for repository in self._snapshot.repositories)

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a package, highest first; none for an unknown package."""
        return self._snapshot.versions(name)

    def latest(self, name: str) -> PackageId:
        """Return the package's highest version; ties go to the more important repository. Raises `NotFound`."""
        return self._snapshot.latest(name)

    def find(self, repository: str | None, name: str, version: str | None) -> PackageId:
        """Return the package that is meant; an empty repository or version is looked up. Raises `NotFound`."""
        return self._snapshot.find(repository, name, version)

    def problems(self, repository: str) -> tuple[Problem, ...]:
        """Return what a repository has that cannot even be listed: bad names and a bad `featured.json`."""
        index = next((index for index in self._snapshot.repositories if index.name == repository), None)
        return index.problems if index is not None else ()

    def _publish(self) -> None:
        self._snapshot = Snapshot(self._version_key, tuple(self._indexes[name] for name in self._order))

    async def _in_thread(self, function: Callable[..., T], *args: object) -> T:
        return await trio.to_thread.run_sync(function, *args, limiter=self._threads)


def _read_batch(
    checkout: Path, batch: Sequence[Found], known: RepositoryIndex, load: Load
) -> dict[tuple[PackageName, Version], Indexed]:
    manifests: dict[tuple[PackageName, Version], Indexed] = {}
    for found in batch:
        key = (found.name, found.version)
        indexed = known.manifests.get(key)
        if indexed is None or indexed.stamp != found.stamp:
            indexed = Indexed(found.stamp, scan.summarize(checkout, found.name, found.version, load))
        manifests[key] = indexed
    return manifests


def _featured(checkout: Path, problems: list[Problem]) -> tuple[str, ...]:
    try:
        return scan.read_featured(checkout)
    except TownError as error:
        problems.append(Problem(scan.FEATURED, error))
        return ()

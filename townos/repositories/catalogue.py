"""What can be installed: an index in memory of all manifests of all repositories."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import trio

from townos.errors import TownError
from townos.git import GitClient
from townos.limits import CATALOGUE_THREADS
from townos.names import PackageId, RepositoryName, Version
from townos.repositories import scan
from townos.repositories.directories import Directory, Now, look
from townos.repositories.index import Group, Listing, Package, RepositoryIndex, Snapshot, VersionKey
from townos.repositories.reading import Reading
from townos.repositories.scan import Load, Problem

T = TypeVar("T")


class Catalogue:
    """Answers from memory.

    A refresh looks at every file's stamp and reads what changed, in worker threads and in batches, so a refresh of ten
    thousand unchanged packages reads none. Of each package only the highest version is read: nothing shows what is in
    the others. Readers see the state before a refresh or the state after it.
    """

    def __init__(
        self, base: Path, git: GitClient, load: Load, version_key: VersionKey, now: Now = time.time_ns
    ) -> None:
        self._base = base
        self._git = git
        self._load = load
        self._version_key = version_key
        self._now = now
        self._order: tuple[RepositoryName, ...] = ()
        self._indexes: dict[RepositoryName, RepositoryIndex] = {}
        self._snapshot = Snapshot(version_key)
        self._threads = trio.CapacityLimiter(CATALOGUE_THREADS)

    def arrange(self, names: Sequence[RepositoryName]) -> None:
        """Set which repositories there are, most important first; what was known of others is forgotten."""
        self._order = tuple(dict.fromkeys(names))
        self._indexes = {name: self._indexes.get(name) or RepositoryIndex(name) for name in self._order}
        self._publish()

    async def refresh(self, name: RepositoryName) -> None:
        """Index one repository anew, as far as it changed; one that is not arranged is left out."""
        if name not in self._order:
            return
        index = await self._indexed(self._base / name, self._indexes[name])
        if name in self._order:  # it may have been removed meanwhile
            self._indexes[name] = index
            self._publish()

    async def _indexed(self, checkout: Path, known: RepositoryIndex) -> RepositoryIndex:
        async with self._git.working_tree(checkout):
            seen = await self._in_thread(look, checkout, known.look, self._now)
            problems = list(seen.problems)
            featured = await self._in_thread(_featured, checkout, problems)
            reading = Reading(checkout, known, frozenset(featured), self._load, self._version_key)
            packages = await self._packages(reading, list(seen.directories.values()))
        return RepositoryIndex(known.name, seen, packages, featured, tuple(problems))

    async def _packages(self, reading: Reading, directories: Sequence[Directory]) -> dict[str, Package]:
        """Return the packages of all directories that have a manifest, in their order."""
        packages: dict[str, Package] = {}
        start = 0
        while start < len(directories):  # in batches, so that a cancelled refresh ends soon
            start = await self._in_thread(reading.read, directories, start, packages)
        return packages

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


def _featured(checkout: Path, problems: list[Problem]) -> tuple[str, ...]:
    try:
        return scan.read_featured(checkout)
    except TownError as error:
        problems.append(Problem.of(scan.FEATURED, error))
        return ()

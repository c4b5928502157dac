"""What one repository offers, and what all of them offer together: immutable, so a reader always sees one state."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from townos.errors import NotFound
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.repositories.directories import NOTHING, Directory, Look
from townos.repositories.scan import Problem, Summary

VersionKey = Callable[[str], Any]
"""Gives the sort key of a version."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One version of a package in a list."""

    id: PackageId
    summary: Summary
    featured: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The packages of one repository, each in its highest version, and its featured names as they are written."""

    repository: RepositoryName
    packages: tuple[Listing, ...]
    featured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A package of one repository, and the directory that it was made of."""

    directory: Directory
    versions: tuple[Version, ...]
    """Highest first."""
    listing: Listing
    """The highest version, the only one whose manifest was read."""


@dataclass(frozen=True)
class RepositoryIndex:
    """The packages of one repository at one moment, by name and in the order of names."""

    name: RepositoryName
    look: Look = NOTHING
    packages: Mapping[str, Package] = field(default_factory=dict)
    featured: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @cached_property
    def group(self) -> Group:
        """The packages in their highest versions."""
        return Group(self.name, tuple(package.listing for package in self.packages.values()), self.featured)


@dataclass(frozen=True)
class Snapshot:
    """All repositories at one moment, most important first."""

    version_key: VersionKey
    repositories: tuple[RepositoryIndex, ...] = ()

    @cached_property
    def entries(self) -> tuple[Listing, ...]:
        """One entry for each package name: the highest version, and of equal ones that of the more important one."""
        if len(self.repositories) == 1:
            return self.repositories[0].group.packages
        best: dict[PackageName, Listing] = {}
        for repository in self.repositories:
            for listing in repository.group.packages:
                known = best.get(listing.id.name)
                if known is None or self._outranks(listing, known):
                    best[listing.id.name] = listing
        return tuple(sorted(best.values(), key=attrgetter("id.name")))

    def _outranks(self, listing: Listing, known: Listing) -> bool:
        return bool(self.version_key(listing.id.version) > self.version_key(known.id.version))

    def repository(self, name: str) -> RepositoryIndex:
        """Return one repository's part. Raises `NotFound`."""
        for repository in self.repositories:
            if repository.name == name:
                return repository
        raise NotFound("repository.not_found", name)

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a package in all repositories, highest first, each once."""
        offered = (version for package in self._offering(name) for version in package.versions)
        return sorted(dict.fromkeys(offered), key=self.version_key, reverse=True)

    def latest(self, name: str, among: Sequence[RepositoryIndex] | None = None) -> PackageId:
        """Return the highest version; of equal ones that of the more important repository. Raises `NotFound`."""
        offers = [package.listing.id for package in self._offering(name, among)]
        if not offers:
            raise NotFound("repository.package_not_found", name)
        return max(offers, key=lambda offer: self.version_key(offer.version))  # max keeps the first of equal ones

    def find(self, repository: str | None, name: str, version: str | None) -> PackageId:
        """Return the package that is meant; without a repository the most important one that has it.

        Without a version the highest one. Raises `NotFound`.
        """
        among = [self.repository(repository)] if repository else self.repositories
        latest = self.latest(name, among)
        if not version:
            return latest
        for package in self._offering(name, among):
            if version in package.versions:
                return PackageId(package.listing.id.repository, latest.name, Version(version))
        raise NotFound("repository.version_not_found", version, name)

    def _offering(self, name: str, among: Sequence[RepositoryIndex] | None = None) -> Iterator[Package]:
        for repository in self.repositories if among is None else among:
            package = repository.packages.get(name)
            if package is not None:
                yield package

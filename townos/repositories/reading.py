"""From the directories of a checkout to its packages, reading as few manifests as possible. Runs in worker threads."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from townos.limits import CATALOGUE_BATCH_FILES, CATALOGUE_REST_SECONDS
from townos.names import PackageId, RepositoryName, Version
from townos.repositories.directories import Directory
from townos.repositories.index import Listing, Package, RepositoryIndex, VersionKey
from townos.repositories.scan import Load, Summary, summarize


@dataclass(frozen=True, slots=True)
class Reading:
    """One refresh of one repository; `known` is what the one before it found."""

    checkout: Path
    known: RepositoryIndex
    featured: frozenset[str]
    load: Load
    version_key: VersionKey

    def read(self, directories: Sequence[Directory], start: int, packages: dict[str, Package]) -> int:
        """Add the packages of the directories from `start` on, a batch of manifests; return where to go on."""
        read = 0
        for place in range(start, len(directories)):
            if read == CATALOGUE_BATCH_FILES:
                return place
            directory = directories[place]
            known = self.known.packages.get(directory.name)
            if known is not None and self._still_good(known, directory):
                packages[directory.name] = known
            elif directory.files:
                packages[directory.name] = self._package(directory, known)
                read += 1
                # Asleep, even so shortly, this thread leaves the interpreter to the event loop, which otherwise waits
                # for its turn at every step of a request, up to 5 ms each time.
                time.sleep(CATALOGUE_REST_SECONDS)
        return len(directories)

    def _still_good(self, known: Package, directory: Directory) -> bool:
        return known.directory is directory and known.listing.featured == (directory.name in self.featured)

    def _package(self, directory: Directory, known: Package | None) -> Package:
        versions = tuple(sorted(directory.files, key=self.version_key, reverse=True))
        package = PackageId(RepositoryName(self.known.name), directory.name, versions[0])
        summary = self._summary(directory, versions[0], known)
        return Package(directory, versions, Listing(package, summary, directory.name in self.featured))

    def _summary(self, directory: Directory, version: Version, known: Package | None) -> Summary:
        """Return what is known of this very file, or read it."""
        if known is not None and known.listing.id.version == version and self._same_file(directory, version, known):
            return known.listing.summary
        return summarize(self.checkout, directory.name, version, self.load)

    def _same_file(self, directory: Directory, version: Version, known: Package) -> bool:
        return known.directory.files[version] == directory.files[version]

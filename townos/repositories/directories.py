"""Which manifests a checkout has, looked at again and again.

A directory whose own stamp is the same still has the same names in it, so only its files are looked at: that is how git
itself looks at a working tree. Ten thousand packages take 30,000 `stat` calls and not one opened directory. Runs in
worker threads.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from townos.errors import Invalid
from townos.limits import CATALOGUE_MANIFESTS_MAX, CATALOGUE_SETTLED_NANOSECONDS
from townos.names import PackageName, Version
from townos.posix.files import opened_directory
from townos.repositories.scan import PACKAGES, SUFFIX, Problem

UNSETTLED: Final = -1
"""A stamp that no file has: `hash` never gives it. The directory is listed again next time."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One package's directory. While nothing in it changes, later looks give the same object."""

    name: PackageName
    stamp: int
    """Changes whenever a name in it appears, disappears or stands for another file."""
    files: Mapping[Version, int]
    """The stamp of each manifest, which changes whenever it is another file or was written to."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What there was at one moment: the packages' directories by name, in order, and what is left out."""

    directories: Mapping[str, Directory]
    problems: tuple[Problem, ...] = ()


NOTHING: Final = Look({})

Now = Callable[[], int]
"""The time, in nanoseconds, on the clock that stamps files."""


def look(checkout: Path, before: Look = NOTHING, now: Now = time.time_ns) -> Look:
    """Look at all manifests of a checkout; names that are not allowed are problems."""
    try:
        with opened_directory(checkout, [PACKAGES]) as packages:
            directories, problems = _directories(packages, before, now)
    except (FileNotFoundError, NotADirectoryError):  # the second one for a symlink, too
        return NOTHING
    return _bounded(checkout.name, directories, problems)


def _directories(packages: int, before: Look, now: Now) -> tuple[dict[str, Directory], list[Problem]]:
    directories: dict[str, Directory] = {}
    problems: list[Problem] = []
    for name in sorted(os.listdir(packages)):
        try:
            directory = _directory(packages, name, before.directories.get(name), now)
        except Invalid as error:
            problems.append(Problem.of(f"{PACKAGES}/{name}", error))
        else:
            if directory is not None:
                directories[name] = directory
    return directories, problems


def _directory(packages: int, name: str, before: Directory | None, now: Now) -> Directory | None:
    """Look at one entry of `packages`, and return nothing if it is no directory. Raises `Invalid`."""
    try:
        status = os.stat(name, dir_fd=packages, follow_symlinks=False)
        if not S_ISDIR(status.st_mode):
            return None
        if before is not None and before.stamp == _stamp(status):
            return _looked_again(packages, before)
        return _listed(packages, PackageName.parse(name), now)
    except FileNotFoundError:  # a person is removing it right now
        return None
    except OSError as error:
        raise Invalid("repository.manifest_unreadable", f"{PACKAGES}/{name}", error.strerror) from error


def _looked_again(packages: int, before: Directory) -> Directory:
    files = {
        version: _stamp(os.stat(f"{before.name}/{version}{SUFFIX}", dir_fd=packages, follow_symlinks=False))
        for version in before.files
    }
    return before if files == before.files else replace(before, files=files)


def _listed(packages: int, name: PackageName, now: Now) -> Directory:
    files: dict[Version, int] = {}
    problems: list[Problem] = []
    with opened_directory(packages, [name]) as directory:
        stamp = _settled(os.fstat(directory), now)
        with os.scandir(directory) as entries:
            manifests = [entry for entry in entries if entry.name.endswith(SUFFIX)]
        for entry in sorted(manifests, key=lambda entry: entry.name):
            try:
                if entry.is_file(follow_symlinks=False):
                    version = Version.parse(entry.name.removesuffix(SUFFIX))
                    files[version] = _stamp(os.stat(entry.name, dir_fd=directory, follow_symlinks=False))
            except Invalid as error:
                problems.append(Problem.of(f"{PACKAGES}/{name}/{entry.name}", error))
    return Directory(name, stamp, files, tuple(problems))


def _bounded(checkout: str, directories: dict[str, Directory], problems: list[Problem]) -> Look:
    """Leave out what comes after the highest number of manifests, and tell all problems there are."""
    count = 0
    kept: dict[str, Directory] = {}
    for name, directory in directories.items():
        count += len(directory.files)
        if count > CATALOGUE_MANIFESTS_MAX:
            problems.append(Problem(PACKAGES, Invalid("repository.too_many", checkout, CATALOGUE_MANIFESTS_MAX)))
            break
        kept[name] = directory
        problems += directory.problems
    return Look(kept, tuple(problems))


def _settled(status: os.stat_result, now: Now) -> int:
    """Return the stamp of a directory that is about to be listed.

    One that was changed this very moment may change once more without another time on it: the kernel's clock for files
    ticks a hundred times a second.
    """
    settled = status.st_ctime_ns + CATALOGUE_SETTLED_NANOSECONDS < now()
    return _stamp(status) if settled else UNSETTLED


def _stamp(status: os.stat_result) -> int:
    return hash((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))

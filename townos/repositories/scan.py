"""Reading the files of a checkout, and what a listing shows of them.

Whoever writes a repository may put symlinks into it, so no path is followed out of it: directories and files are opened
one component at a time without following links, and only regular files count. Runs in worker threads.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, Literal, Protocol, Self, runtime_checkable

from townos.errors import FieldError, Invalid, NotFound, TownError
from townos.i18n import Bytes, Term, joined
from townos.limits import FEATURED_MAX_BYTES, MANIFEST_MAX_BYTES
from townos.names import PackageName, Version
from townos.packages.manifest import Runtime
from townos.posix.files import opened_directory

PACKAGES: Final = "packages"
FEATURED: Final = "featured.json"
SUFFIX: Final = ".yaml"
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Described(Protocol):
    """What the catalogue needs to know of a manifest."""

    @property
    def description(self) -> str:
        """What the package is, for a person."""

    @property
    def supplies(self) -> tuple[str, ...]:
        """What the package can do for others."""

    @property
    def runtime(self) -> Runtime:
        """What runs the package: `container` or `vm`."""


@runtime_checkable
class Located(Protocol):
    """An error that knows on which line of the manifest, counted from 1, each of its field errors is."""

    @property
    def lines(self) -> Sequence[int]:
        """The lines, in the order of the field errors."""


Load = Callable[[bytes, str], Described]
"""Turns the bytes of a manifest, and its name for error texts, into a manifest. Raises `TownError`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a listing shows of a manifest. With an `error` the rest is empty."""

    description: str = ""
    supplies: tuple[str, ...] = ()
    runtime: Runtime | Literal[""] = ""
    error: TownError | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a repository that is left out, and why."""

    path: str
    error: TownError

    @classmethod
    def of(cls, path: str, error: TownError) -> Self:
        """Return the problem of an error that was raised, without what its traceback keeps alive."""
        return cls(path, Invalid(error.code, *error.params))

    @property
    def term(self) -> Term:
        """The message for a person."""
        return Term("repository.problem", (self.path, self.error.term))


def summarize(checkout: Path, name: PackageName, version: Version, load: Load) -> Summary:
    """Read one manifest; whatever is wrong with it is in the summary and harms no other."""
    try:
        manifest = load(read_manifest(checkout, name, version), f"{name}/{version}")
    except TownError as error:
        return Summary(error=_told(error, f"{name}/{version}"))
    except (OSError, ValueError, RecursionError) as error:
        return Summary(error=Invalid("repository.manifest_unreadable", f"{name}/{version}", str(error)))
    return Summary(manifest.description, tuple(manifest.supplies), manifest.runtime)


def _told(error: TownError, source: str) -> Invalid:
    """Return an error that says where each mistake is, if that is known, and keeps nothing else alive.

    The one that was raised holds, by its traceback, all that was made of the manifest until then.
    """
    if isinstance(error, Located) and len(error.lines) == len(error.fields) > 0:
        mistakes = list(map(_mistake, error.lines, error.fields))
        return Invalid("repository.manifest_unreadable", source, joined(mistakes, "\n"))
    return Invalid(error.code, *error.params)


def _mistake(line: int, field: FieldError) -> Term:
    if field.params[:1] == (line,):  # the sentence itself begins with the line
        return field.term
    return Term("repository.mistake", (line, field.name, field.term))


def read_manifest(checkout: Path, name: PackageName, version: Version) -> bytes:
    """Return the bytes of a manifest. Raises `NotFound`, `Invalid` for one that is too large."""
    content = _read(checkout, (PACKAGES, name), f"{version}{SUFFIX}", MANIFEST_MAX_BYTES)
    if content is None:
        raise NotFound("repository.manifest_missing", f"{checkout.name}/{name}@{version}")
    return content


def read_featured(checkout: Path) -> tuple[str, ...]:
    """Return the package names of `featured.json`; none if there is no such file. Raises `Invalid`."""
    content = _read(checkout, (), FEATURED, FEATURED_MAX_BYTES)
    if content is None:
        return ()
    try:
        names = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid("repository.featured_unreadable") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Invalid("repository.featured_unreadable")
    return tuple(dict.fromkeys(names))


def _read(checkout: Path, directories: tuple[str, ...], file: str, limit: int) -> bytes | None:
    """Return the content of a regular file beneath the checkout, or None if there is none without following links."""
    try:
        with opened_directory(checkout, directories) as directory:
            descriptor = os.open(file, _FILE, dir_fd=directory)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = opened.read(limit + 1)
    if len(content) > limit:
        raise Invalid("repository.manifest_too_large", file, Bytes(limit))
    return content

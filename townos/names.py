"""The one gate for names that reach paths, unit files, argument vectors and SQL.

Each kind is a `str` subclass, so it formats like a string; the only way to obtain one from outside text is `parse`.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from townos.errors import Invalid, at_field
from townos.i18n import Bytes, Term
from townos.limits import (
    INNER_NAME_MAX_BYTES,
    INNER_PATH_DEPTH_MAX,
    INNER_PATH_MAX_BYTES,
    NAME_MAX_CHARS,
    UNIT_NAME_MAX_CHARS,
)
from townos.texts import CONTROL

PACKAGE_UNIT_PREFIX: Final = "town-os-package--"
SYSTEM_UNIT_PREFIX: Final = "town-os-system--"
PAGES_UNIT: Final = "town-os-pages.service"
CONTROLLER_UNIT: Final = "town-os-systemcontroller.service"
RESERVED_REPOSITORY_NAMES: Final = frozenset(
    {"installed", "responses", "last", "monitoring", "repositories.json", "last_refreshed"}
)
"""What else there is in the repositories directory, and in `responses/` (docs/api.md, Directories and subvolumes)."""


class _CheckedName(str):
    """A string that has passed its kind's pattern."""

    __slots__ = ()

    pattern: ClassVar[re.Pattern[str]]
    kind: ClassVar[Term]
    """What people call such a name."""
    max_chars: ClassVar[int] = NAME_MAX_CHARS

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checked name. Raises `Invalid` that names the kind."""
        if not text:
            raise Invalid("name.empty", cls.kind)
        if len(text) > cls.max_chars:
            raise Invalid("name.too_long", cls.kind, cls.max_chars)
        if cls.pattern.fullmatch(text) is None:
            raise Invalid("name.invalid", cls.kind, text)
        return cls(text)


class _PathName(_CheckedName):
    """A name that is one component of a path: it cannot be hidden, `.`, `..` or hold a separator."""

    __slots__ = ()

    pattern = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class RepositoryName(_PathName):
    """The name of a package repository and of its checkout directory."""

    __slots__ = ()
    kind = Term("name.kind.repository")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checked name. Names that the repositories directory needs for itself are refused."""
        name = super().parse(text)
        if name in RESERVED_REPOSITORY_NAMES:
            raise Invalid("name.reserved", cls.kind, text)
        return name


class PackageName(_PathName):
    """The name of a package: a directory below `packages/` in its repository."""

    __slots__ = ()
    kind = Term("name.kind.package")


class Version(_PathName):
    """A package version: the manifest's file name without `.yaml`."""

    __slots__ = ()
    kind = Term("name.kind.version")


class VolumeName(_PathName):
    """The name of a volume inside its package."""

    __slots__ = ()
    kind = Term("name.kind.volume")


class TemplateName(_PathName):
    """The name of a template inside its package."""

    __slots__ = ()
    kind = Term("name.kind.template")


class VmImageName(_PathName):
    """The name of a virtual machine's disk: a file in `vm-images` that ends in `.raw`."""

    __slots__ = ()
    kind = Term("name.kind.vm_image")
    suffix: ClassVar[str] = ".raw"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checked name."""
        name = super().parse(text)
        if not text.endswith(cls.suffix):
            raise Invalid("name.suffix", cls.kind, text, cls.suffix)
        return name

    @classmethod
    def of(cls, file_name: str) -> Self:
        """Return the name that an image has after conversion: the file's, with the extension replaced."""
        stem, dot, _ = file_name.rpartition(".")
        return cls.parse(f"{stem if dot else file_name}{cls.suffix}")


class ArchiveName(_PathName):
    """The name of an archive file in `archives`; its extension tells the format."""

    __slots__ = ()
    kind = Term("name.kind.archive")
    suffixes: ClassVar[tuple[str, ...]] = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checked name."""
        name = super().parse(text)
        if not text.endswith(cls.suffixes):
            raise Invalid("name.suffix", cls.kind, text, ", ".join(cls.suffixes))
        return name


class Username(_CheckedName):
    """What a person signs in with: no white space at the ends and no control characters."""

    __slots__ = ()
    kind = Term("name.kind.user")
    pattern = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f])?")


class UnitName(_CheckedName):
    """A systemd unit's whole name with its suffix; never a glob pattern or a path."""

    __slots__ = ()
    kind = Term("name.kind.unit")
    max_chars = UNIT_NAME_MAX_CHARS
    pattern = re.compile(
        r"[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*"
        r"\.(service|socket|target|timer|mount|automount|swap|path|slice|scope|device)"
    )


@dataclass(frozen=True, slots=True, order=True)
class PackageId:
    """One version of one package of one repository, written `repo/name@version`."""

    repository: RepositoryName
    name: PackageName
    version: Version

    @classmethod
    def parse(cls, repository: str, name: str, version: str) -> Self:
        """Return the identity made of three checked names. Raises `Invalid` that names the field of the wire."""
        return cls(
            at_field("repo", RepositoryName.parse, repository),
            at_field("name", PackageName.parse, name),
            at_field("version", Version.parse, version),
        )

    def __str__(self) -> str:
        return f"{self.repository}/{self.name}@{self.version}"

    @property
    def slug(self) -> str:
        """`<repo>-<name>-<version>`. Two identities may share it: installing checks for that."""
        return f"{self.repository}-{self.name}-{self.version}"

    @property
    def container(self) -> str:
        """The container's name: the unit's name without its suffix."""
        return f"{PACKAGE_UNIT_PREFIX}{self.slug}"

    @property
    def unit(self) -> UnitName:
        """The main service unit. Raises `Invalid` when the three names together are too long."""
        return at_field("name", UnitName.parse, f"{self.container}.service")

    @property
    def network_state(self) -> str:
        """The file name of the network state."""
        return f"{self.slug}.json"


@dataclass(frozen=True, slots=True, order=True)
class InnerPath:
    """The path of something inside a volume: at least one component, none of them `.` or `..`.

    It says nothing about what is there: a container may have put a symbolic link anywhere.
    """

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a relative path, written with `/` between components. Raises `Invalid`."""
        parts = tuple(text.split("/"))
        if {"", ".", ".."} & set(parts) or CONTROL.search(text):
            raise Invalid("storage.inner_path", text)
        sizes = [len(part.encode()) for part in parts]
        if max(sizes) > INNER_NAME_MAX_BYTES or sum(sizes) + len(parts) - 1 > INNER_PATH_MAX_BYTES:
            raise Invalid("storage.inner_path_long", Bytes(INNER_NAME_MAX_BYTES), Bytes(INNER_PATH_MAX_BYTES))
        if len(parts) > INNER_PATH_DEPTH_MAX:
            raise Invalid("storage.inner_path_deep", INNER_PATH_DEPTH_MAX)
        return cls(parts)

    def __str__(self) -> str:
        return "/".join(self.parts)

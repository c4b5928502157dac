"""The one gate for paths on the btrfs volume. Nothing below takes a plain string."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from townos.errors import Invalid
from townos.limits import USER_VOLUME_NAME_MAX_CHARS, VOLUME_DEPTH_MAX
from townos.names import PackageId, VolumeName


class Area(StrEnum):
    """The root names that hold volumes."""

    USER = "user"
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"


SNAPSHOTS: Final = "snapshots"
"""The root below which each volume's snapshots are, in a directory of the volume's own path."""

STAGING: Final = (SNAPSHOTS, ".staging")
"""The directory of unfinished volumes: no area has its name."""

ROOTS: Final = (*(area.value for area in Area), "archives", "pages", "vm-images", SNAPSHOTS)
"""The subvolumes made at boot; their names are reserved."""

_COMPONENT: Final = re.compile(r"[A-Za-z0-9._-]+")
_PACKAGE_DEPTH: Final = 5  # installed/<repo>/<name>/<version>/<volume>


@dataclass(frozen=True, slots=True, order=True)
class VolumePath:
    """The path of a volume below the btrfs root: checked components, none of them `.` or `..`."""

    parts: tuple[str, ...]

    @classmethod
    def user(cls, name: str) -> Self:
        """Return the path of a user volume, `user/<name>`; a name may have several components.

        Raises `Invalid` for names that break the rule or that begin with a reserved root.
        """
        if name.partition("/")[0] in ROOTS:
            raise Invalid("storage.reserved")
        if len(name) > USER_VOLUME_NAME_MAX_CHARS:
            raise Invalid("storage.name_too_long", USER_VOLUME_NAME_MAX_CHARS)
        return cls((Area.USER, *_components(name)))

    @classmethod
    def installed(cls, package: PackageId, volume: VolumeName) -> Self:
        """Return where a volume of an installed package is."""
        return cls(_package_parts(Area.INSTALLED, package, volume))

    @classmethod
    def uninstalled(cls, package: PackageId, volume: VolumeName) -> Self:
        """Return where a volume of a package is kept after uninstalling."""
        return cls(_package_parts(Area.UNINSTALLED, package, volume))

    @classmethod
    def package_volume(cls, text: str) -> Self:
        """Read the internal name of a package volume, `installed/…` or `uninstalled/…`. Raises `Invalid`."""
        parts = _components(text)
        if parts[0] not in {Area.INSTALLED, Area.UNINSTALLED} or len(parts) != _PACKAGE_DEPTH:
            raise Invalid("storage.invalid_name", text)
        return cls(parts)

    @classmethod
    def named(cls, text: str) -> Self:
        """Read an internal name, or the name that people know one of their own volumes by. Raises `Invalid`."""
        if is_package_volume(text):
            return cls.package_volume(text)
        return cls.user(text.removeprefix(f"{Area.USER}/"))

    @classmethod
    def found(cls, parts: Sequence[str]) -> Self:
        """Return the path of a volume that a walk came by, made of names from the disk. Raises `Invalid`."""
        checked = _components("/".join(parts))
        if checked[0] not in set(Area) or len(checked) < 2:
            raise Invalid("storage.invalid_name", "/".join(parts))
        return cls(checked)

    @property
    def area(self) -> Area:
        """The root that the volume is under."""
        return Area(self.parts[0])

    @property
    def rest(self) -> tuple[str, ...]:
        """The components below the root: of a package volume repository, name, version and volume name."""
        return self.parts[1:]

    def __str__(self) -> str:
        return "/".join(self.parts)


def snapshots_of(path: VolumePath) -> tuple[str, ...]:
    """Return the components of the directory that holds a volume's snapshots."""
    return (SNAPSHOTS, *path.parts)


def is_package_volume(text: str) -> bool:
    """Tell whether a name from outside means a package volume."""
    return text.startswith((f"{Area.INSTALLED}/", f"{Area.UNINSTALLED}/"))


def _package_parts(area: Area, package: PackageId, volume: VolumeName) -> tuple[str, ...]:
    return (area.value, package.repository, package.name, package.version, volume)


def _components(text: str) -> tuple[str, ...]:
    parts = tuple(text.split("/"))
    if len(parts) > VOLUME_DEPTH_MAX:
        raise Invalid("storage.invalid_name", text)
    for part in parts:
        if part in {".", ".."} or _COMPONENT.fullmatch(part) is None:
            raise Invalid("storage.invalid_name", text)
    return parts

"""What operations know a volume by, so that nothing else works on it, or on its package, at the same time."""

from collections.abc import Callable
from typing import Final

from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.storage.paths import Area, VolumePath

RequireIdle = Callable[[VolumePath], None]
"""Raises `Conflict` while an operation works on a volume or on the package that it belongs to."""

_USER_VERSION: Final = "volume"
_NAMELESS: Final = "volume"


def subject(volume: VolumePath) -> PackageId:
    """Return the package that a volume belongs to; of a user volume `user/<first component>@volume`.

    Package names must begin with a letter or a digit. Volumes whose names differ only before that share a subject, so
    at worst one waits for the other. Raises `Invalid` for a package volume that no package could have made.
    """
    if volume.area is Area.USER:
        name = volume.rest[0].lstrip("._-") or _NAMELESS
        return PackageId(RepositoryName(Area.USER), PackageName.parse(name), Version.parse(_USER_VERSION))
    repository, name, version, _ = volume.rest
    return PackageId.parse(repository, name, version)

"""Which subject of operations a volume is, so that nothing else works on it, or on its package, at the same time."""

from typing import Final

from townos.operations.subject import Subject
from townos.storage.paths import Area, VolumePath

_USER_VERSION: Final = "volume"


def subject(volume: VolumePath) -> Subject:
    """Return the subject of a volume: of a package volume its package's, else `user/<first component>@volume`."""
    if volume.area is Area.USER:
        return Subject(volume.area.value, volume.rest[0], _USER_VERSION)
    repository, name, version, _ = volume.rest
    return Subject(repository, name, version)

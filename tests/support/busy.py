"""Volumes that operations work on, for tests of what must not happen meanwhile."""

from townos.errors import Conflict
from townos.operations import Subject
from townos.storage.paths import VolumePath
from townos.storage.subjects import subject


class Busy(set[VolumePath]):
    """The volumes that are worked on."""

    def require_idle(self, wanted: Subject) -> None:
        if any(wanted.excludes(subject(volume)) for volume in self):
            raise Conflict("operation.busy", wanted.unversioned, "restore-snapshot")

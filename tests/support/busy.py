"""Volumes that operations work on, for tests of what must not happen meanwhile."""

from townos.errors import Conflict
from townos.storage.paths import VolumePath


class Busy(set[VolumePath]):
    """The volumes that are worked on."""

    def require_idle(self, volume: VolumePath) -> None:
        if volume in self:
            raise Conflict("operation.busy", str(volume), "restore-snapshot")

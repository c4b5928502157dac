"""The volumes of the people of the house: what they see of the disk, and what they may change."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.concurrency import on_failure
from townos.errors import Invalid, at_field
from townos.limits import CLEANUP_TIMEOUT_SECONDS
from townos.operations.subject import RequireIdle
from townos.storage.paths import Area, VolumePath, is_package_volume
from townos.storage.space.guard import SpaceGuard
from townos.storage.subjects import subject
from townos.storage.volumes import Volume, Volumes

PACKAGE_STATES: Final = (Area.INSTALLED.value, Area.UNINSTALLED.value)


@dataclass(frozen=True, slots=True)
class Filesystem:
    """A volume as people see it.

    A user volume has its bare name. A package volume is `<package>/<version>/<volume>`, and `internal_name` is its
    whole path; elsewhere that is empty. `quota` is in bytes, 0 is no limit; `referenced` and `exclusive` are the bytes
    in use, as `Volume` has them.
    """

    name: str
    internal_name: str
    quota: int
    state: Area
    referenced: int
    exclusive: int


class UserVolumes:
    """Lists all volumes; creates, changes and removes those of people."""

    def __init__(self, volumes: Volumes, require_idle: RequireIdle, *, space: SpaceGuard) -> None:
        self._volumes = volumes
        self._require_idle = require_idle
        self._space = space

    async def list(self, *, prefix: str = "", state: str = "") -> list[Filesystem]:
        """Return the volumes in a state, or all; a prefix matches names of user volumes only. Raises `Invalid`."""
        if state and state not in set(Area):
            raise Invalid.at("state", "storage.invalid_state", state)
        found = [filesystem(volume) for volume in await self._volumes.list()]
        if prefix:
            found = [one for one in found if one.state is Area.USER and one.name.startswith(prefix)]
        return [one for one in found if state in {"", one.state}]

    async def create(self, name: str, quota: int, *, state: str = "") -> None:
        """Make a user volume. Raises `Invalid`, `Conflict`, `NoSpace` on a full disk, whose reserve it would use."""
        if state in PACKAGE_STATES:
            raise Invalid.at("state", "storage.reserved")
        path = at_field("name", VolumePath.user, name)
        await self._space.require_room()
        await self._volumes.create(path, quota)

    async def modify(self, name: str, new_name: str, quota: int) -> None:
        """Set a volume's name and quota, both or neither; of a package volume only the quota can change.

        Raises `Invalid`, `NotFound`, and `Conflict`, also while an operation works on the volume: it would restore the
        quota that there was when it began.
        """
        if is_package_volume(name):
            if new_name != name:
                raise Invalid.at("filesystem.name", "storage.rename_package")
            path = at_field("name", VolumePath.package_volume, name)
            await self._volumes.get(path)
            self._require_idle(subject(path))
            await self._volumes.set_quota(path, quota)
            return
        old, new = _existing(name), at_field("filesystem.name", VolumePath.user, new_name)
        before = await self._volumes.get(old)
        self._require_idle(subject(old))
        await self._volumes.set_quota(old, quota)
        if new != old:
            await self._rename_or_restore(before, new)

    async def remove(self, name: str) -> None:
        """Delete a user volume with all in it. Raises `Invalid`, `NotFound`, `Conflict` as `modify` does."""
        path = _existing(name)
        await self._volumes.get(path)
        self._require_idle(subject(path))
        await self._volumes.delete(path)

    async def _rename_or_restore(self, before: Volume, new: VolumePath) -> None:
        restore = partial(self._volumes.set_quota, before.path, before.quota)
        async with on_failure(restore, CLEANUP_TIMEOUT_SECONDS, "setting the old quota again"):
            self._require_idle(subject(before.path))  # an operation may have begun while the quota was set
            await self._volumes.rename(before.path, new)


def filesystem(volume: Volume) -> Filesystem:
    """Return a volume as people see it."""
    path = volume.path
    if path.area is Area.USER:
        name, internal_name = "/".join(path.rest), ""
    else:
        name, internal_name = "/".join(path.rest[1:]), str(path)
    return Filesystem(name, internal_name, volume.quota, path.area, volume.referenced, volume.exclusive)


def _existing(name: str) -> VolumePath:
    """Return the path of a user volume that is to be changed."""
    if not name:
        raise Invalid.at("name", "storage.root")
    return at_field("name", VolumePath.user, name)

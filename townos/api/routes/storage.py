"""Routes of the volumes."""

from typing import Self

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, post
from townos.api.wire.listing import Page, page
from townos.api.wire.requests import Count, Integer, Name, Request, Text
from townos.storage.paths import Area
from townos.storage.user_volumes import Filesystem, UserVolumes


class ListVolumes(Request):
    """Which volumes, and in which order. `name` is a prefix."""

    name: Text = ""
    state: Name = ""
    sort_by: Text = ""
    sort_order: Text = ""
    limit: Integer = 0
    offset: Integer = 0
    search: Text = ""


class CreateVolume(Request):
    """A new volume."""

    name: Text = ""
    quota: Count = 0
    state: Name = ""


class ChangedVolume(Request):
    """A volume as it shall be."""

    name: Text = ""
    quota: Count = 0


class ModifyVolume(Request):
    """A change of the volume `name`."""

    name: Text = ""
    filesystem: ChangedVolume = msgspec.field(default_factory=ChangedVolume)


class ByName(Request):
    """One volume."""

    name: Text = ""


class FilesystemObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A volume as it goes out; `quota`, `referenced` and `exclusive` are in bytes."""

    name: str
    quota: int
    referenced: int
    exclusive: int
    state: Area
    internal_name: str = ""

    @classmethod
    def of(cls, filesystem: Filesystem) -> Self:
        """Return the object of a volume."""
        return cls(
            name=filesystem.name,
            quota=filesystem.quota,
            referenced=filesystem.referenced,
            exclusive=filesystem.exclusive,
            state=filesystem.state,
            internal_name=filesystem.internal_name,
        )


def routes(volumes: UserVolumes) -> Routes:
    """Return the routes of this area."""

    async def listing(_: Call, body: ListVolumes) -> Page[FilesystemObject]:
        found = await volumes.list(prefix=body.name, state=body.state)
        return page([FilesystemObject.of(filesystem) for filesystem in found], body)

    async def create(_: Call, body: CreateVolume) -> None:
        await volumes.create(body.name, body.quota, state=body.state)

    async def modify(_: Call, body: ModifyVolume) -> None:
        await volumes.modify(body.name, body.filesystem.name, body.filesystem.quota)

    async def remove(_: Call, body: ByName) -> None:
        await volumes.remove(body.name)

    return (
        post("/storage", listing, Auth.SESSION, audit=None),
        post("/storage/create", create, Auth.SESSION, audit="create_filesystem"),
        post("/storage/modify", modify, Auth.SESSION, audit="modify_filesystem"),
        post("/storage/remove", remove, Auth.SESSION, audit="remove_filesystem"),
    )

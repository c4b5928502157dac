"""Routes of the snapshots of volumes."""

from datetime import datetime
from typing import Self

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, post
from townos.api.wire.requests import Name, Request, Text
from townos.errors import at_field
from townos.installations.restorations import Restorations
from townos.names import InnerPath
from townos.storage.history.browsing import Entry, EntryType
from townos.storage.history.history import History
from townos.storage.paths import VolumePath
from townos.storage.snapshots import Snapshot, SnapshotId, SnapshotReason


class OfVolume(Request):
    """A volume: its `internal_name`, or `user/<name>`."""

    volume: Text = ""


class OneSnapshot(Request):
    """A snapshot of a volume."""

    volume: Text = ""
    id: Name = ""


class RestoreSnapshot(Request):
    """What is restored: with a path that alone, else all of the volume."""

    volume: Text = ""
    id: Name = ""
    path: Text = ""
    operation_id: Name = ""


class BrowseSnapshot(Request):
    """A directory in a snapshot; an empty path is its top."""

    volume: Text = ""
    id: Name = ""
    path: Text = ""


class SnapshotObject(msgspec.Struct, frozen=True):
    """A snapshot as it goes out; `referenced` and `exclusive` are in bytes, the latter what deleting it would free."""

    id: str
    created_at: datetime
    reason: SnapshotReason
    referenced: int
    exclusive: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Return the object of a snapshot."""
        identifier = snapshot.id
        return cls(str(identifier), identifier.created_at, identifier.reason, snapshot.referenced, snapshot.exclusive)


class EntryObject(msgspec.Struct, frozen=True):
    """Something in a directory of a snapshot as it goes out; `size` is that of a file in bytes, else 0."""

    name: str
    type: EntryType
    size: int
    mtime: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return the object of an entry."""
        return cls(entry.name, entry.type, entry.size, entry.modified_at)


def routes(history: History, restorations: Restorations) -> Routes:
    """Return the routes of this area."""

    async def listing(_: Call, body: OfVolume) -> list[SnapshotObject]:
        return [SnapshotObject.of(snapshot) for snapshot in await history.list(_volume(body.volume))]

    async def create(_: Call, body: OfVolume) -> SnapshotObject:
        return SnapshotObject.of(await history.take(_volume(body.volume)))

    async def restore(_: Call, body: RestoreSnapshot) -> None:
        volume, identifier, path = _volume(body.volume), _identifier(body.id), _path(body.path)
        await restorations.restore(volume, identifier, path, operation_id=body.operation_id)

    async def remove(_: Call, body: OneSnapshot) -> None:
        await history.remove(_volume(body.volume), _identifier(body.id))

    async def browse(_: Call, body: BrowseSnapshot) -> list[EntryObject]:
        volume, identifier = _volume(body.volume), _identifier(body.id)
        return [EntryObject.of(entry) for entry in await history.browse(volume, identifier, _path(body.path))]

    return (
        post("/storage/snapshots", listing, Auth.SESSION, audit=None),
        post("/storage/snapshots/create", create, Auth.ADMIN, audit="take_snapshot"),
        post("/storage/snapshots/restore", restore, Auth.ADMIN, audit="restore_snapshot"),
        post("/storage/snapshots/remove", remove, Auth.ADMIN, audit="remove_snapshot"),
        post("/storage/snapshots/browse", browse, Auth.SESSION, audit=None),
    )


def _volume(text: str) -> VolumePath:
    return at_field("volume", VolumePath.named, text)


def _identifier(text: str) -> SnapshotId:
    return at_field("id", SnapshotId.parse, text)


def _path(text: str) -> InnerPath | None:
    return at_field("path", InnerPath.parse, text) if text else None

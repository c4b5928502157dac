"""The archive files of this appliance, unpacked for packages within the limits that its settings give."""

from pathlib import Path

from townos.names import ArchiveName
from townos.settings.settings import Settings
from townos.storage.archives.rules import ArchiveLimits
from townos.storage.archives.store import ArchiveStore
from townos.storage.archives.unpacking import unpack
from townos.storage.space.guard import SpaceGuard


class ArchiveFiles:
    """Unpacks what the store has."""

    def __init__(self, store: ArchiveStore, settings: Settings, space: SpaceGuard) -> None:
        self._store = store
        self._settings = settings
        self._space = space

    async def unpack(self, name: ArchiveName, directory: Path) -> None:
        """Unpack a file into an empty directory. Raises `NotFound` and what `unpack` raises."""
        limits = ArchiveLimits(
            bytes=await self._settings.bytes("max_archive_size"),
            members=await self._settings.integer("max_archive_members"),
            seconds=await self._settings.seconds("archive_unpack_timeout"),
            room=await self._space.room(),
        )
        async with self._store.open(name) as content:
            await unpack(content, name, directory, limits)

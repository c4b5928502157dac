"""The volumes with their archives and snapshots, and the space that there is for them."""

from dataclasses import dataclass
from functools import partial
from typing import Self

import trio

from townos.app.adapters import Adapters, Disk
from townos.app.composition.core import Core
from townos.storage.archives.downloads import Downloads
from townos.storage.archives.uploads import Uploads
from townos.storage.history.history import History
from townos.storage.space.guard import SpaceGuard
from townos.storage.space.watch import SpaceWatch
from townos.storage.user_volumes import UserVolumes
from townos.systemd.services import SystemdServices


@dataclass(frozen=True, slots=True)
class StorageServices:
    """What works on volumes."""

    volumes: Disk
    space: SpaceGuard
    watch: SpaceWatch
    user_volumes: UserVolumes
    history: History
    uploads: Uploads
    downloads: Downloads

    @classmethod
    def build(cls, core: Core, adapters: Adapters) -> Self:
        """Build them."""
        settings, clock = core.settings, core.clock
        volumes, services = adapters.volumes(core.reserve), SystemdServices(adapters.systemd)
        space = SpaceGuard(volumes.usage, settings)
        refill = (core.database.keep_free, partial(trio.to_thread.run_sync, core.reserve.make))
        return cls(
            volumes=volumes,
            space=space,
            watch=SpaceWatch(volumes, settings, core.audit, clock, refill),
            user_volumes=UserVolumes(volumes, core.operations.require_idle, space=space),
            history=History(volumes, settings, clock, core.operations.require_idle, space=space),
            uploads=Uploads(volumes, services, settings, clock, core.operations, space=space),
            downloads=Downloads(volumes, services),
        )

    async def open(self) -> None:
        """Prepare the disk, and delete what crashes left there, except what unfinished uploads still need."""
        await self.volumes.ensure_roots(await self.uploads.handed_over())

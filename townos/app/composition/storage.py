"""The disk, and what people keep on it."""

from dataclasses import dataclass
from functools import partial
from typing import Self

import trio

from townos.app.composition.core import Ground
from townos.app.composition.systemd import Machine
from townos.storage.archives.downloads import Downloads
from townos.storage.archives.uploads import Uploads
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.history.history import History
from townos.storage.space.guard import SpaceGuard
from townos.storage.space.watch import SpaceWatch
from townos.storage.user_volumes import UserVolumes


@dataclass(frozen=True, slots=True)
class Storage:
    """Volumes, their archives and snapshots, and the space that there is for them."""

    volumes: BtrfsVolumes
    space: SpaceGuard
    watch: SpaceWatch
    user_volumes: UserVolumes
    history: History
    uploads: Uploads
    downloads: Downloads

    @classmethod
    def on(cls, ground: Ground, machine: Machine) -> Self:
        """Build it."""
        settings, clock, reserve = ground.settings, ground.clock, ground.reserve
        volumes = BtrfsVolumes(ground.configuration.btrfs, reserve)
        space = SpaceGuard(volumes.usage, settings)
        refill = (ground.database.keep_free, partial(trio.to_thread.run_sync, reserve.make))
        return cls(
            volumes=volumes,
            space=space,
            watch=SpaceWatch(volumes, settings, ground.audit, clock, refill),
            user_volumes=UserVolumes(volumes, ground.require_idle, space=space),
            history=History(volumes, settings, clock, ground.require_idle, space=space),
            uploads=Uploads(volumes, machine.services, settings, clock, ground.operations, space=space),
            downloads=Downloads(volumes, machine.services),
        )

    async def open(self) -> None:
        """Prepare the disk, and delete what crashes have left there but for what uploads are still going to need."""
        await self.volumes.ensure_roots(await self.uploads.handed_over())

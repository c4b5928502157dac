"""Filling empty volumes: from an image, from an archive file, or from a git repository.

All of it happens beside the volume and takes its place when it is whole: a volume that was filled by half would never
be filled again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trio

from townos.containers.podman import Podman
from townos.errors import Foreign, TownError
from townos.git.client import GitClient
from townos.git.url import GitUrl
from townos.i18n import Seconds, Term
from townos.images import ImageDirectory, ImageReference
from townos.installations.planning.plans import PlannedSeed
from townos.installations.ports import ArchiveUnpacker
from townos.installations.steps.change import Change
from townos.limits import SEEDING_TIMEOUT_SECONDS
from townos.names import ArchiveName, PackageId, VolumeName
from townos.operations.kinds import Progress, Step, counted, nothing
from townos.redaction import reason
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volumes


@dataclass(frozen=True, slots=True)
class Seeder:
    """Fills volumes that no program uses; one that holds anything stays as it is."""

    volumes: Volumes
    podman: Podman
    archives: ArchiveUnpacker
    git: GitClient

    async def seed(
        self,
        package: PackageId,
        seeds: Sequence[PlannedSeed],
        quotas: Mapping[str, int],
        progress: Progress,
        *,
        seconds: float = SEEDING_TIMEOUT_SECONDS,
    ) -> None:
        """Fill the volumes of a package; what cannot be fetched is a warning and leaves its volume empty.

        A manifest may name a thousand servers that answer one byte at a time, so all of it together gets `seconds`.
        `quotas` has the bytes of each volume by its name.
        """
        with trio.move_on_after(seconds) as scope:
            for planned in counted(seeds, progress):
                path = VolumePath.installed(package, VolumeName.parse(planned.volume))
                try:
                    await self._seed_volume(path, quotas[planned.volume], planned)
                except (TownError, OSError) as error:
                    progress.warn(Term("install.volume_not_seeded", (planned.volume, reason(error))))
        if scope.cancelled_caught:
            progress.warn(reason(Foreign("install.seeding_timeout", Seconds(seconds))))

    async def _seed_volume(self, volume: VolumePath, quota: int, planned: PlannedSeed) -> None:
        if await self.volumes.is_empty(volume):
            async with self.volumes.staged(volume, quota) as directory:
                await self._fill(directory, planned)

    async def _fill(self, directory: Path, planned: PlannedSeed) -> None:
        match planned.kind:
            case "image":
                image = ImageReference.parse(planned.image)
                if not await self.podman.image_exists(image):
                    await self.podman.pull(image)
                await self.podman.copy_out(image, ImageDirectory.parse(planned.directory), directory)
            case "file":
                await self.archives.unpack(ArchiveName.parse(planned.file), directory)
            case "git":
                # Its address came from a stranger: it must not see this machine's own SSH keys.
                url = GitUrl.parse(planned.url).without_own_keys()
                await self.git.clone_into(url, directory, branch=planned.branch)


@dataclass(frozen=True, slots=True)
class Seed:
    """Fills what `MakeVolumes` made; its undo takes the content away too."""

    seeder: Seeder

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step; none unless there is something to fill."""
        return (Step("seed", partial(self._seed, change), nothing, unit="volumes"),) if change.plan.seeds else ()

    async def _seed(self, change: Change, progress: Progress) -> None:
        quotas = {volume.name: volume.quota for volume in change.plan.volumes}
        await self.seeder.seed(change.package, change.plan.seeds, quotas, progress)

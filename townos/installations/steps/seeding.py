"""Filling empty volumes: from an image, from an archive file, or from a git repository.

All of it happens beside the volume and takes its place when it is whole: a volume that was filled by half would never
be filled again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import trio

from townos.errors import Foreign, TownError
from townos.git.url import GitUrl
from townos.images import ImageDirectory, ImageReference
from townos.installations.parts import Parts
from townos.installations.planning.plans import PlannedSeed
from townos.names import ArchiveName, PackageId, VolumeName
from townos.operations.kinds import Progress, counted
from townos.operations.runner import reason
from townos.storage.paths import VolumePath


async def seed_all(
    parts: Parts,
    package: PackageId,
    seeds: Sequence[PlannedSeed],
    quotas: Mapping[str, int],
    progress: Progress,
    *,
    seconds: float,
) -> None:
    """Fill the volumes of a package that no program uses; what cannot be fetched is a warning and leaves one empty.

    A manifest may name a thousand servers that answer one byte at a time, so all of it together gets `seconds`.
    `quotas` has the bytes of each volume by its name.
    """
    with trio.move_on_after(seconds) as scope:
        for planned in counted(seeds, progress):
            path = VolumePath.installed(package, VolumeName.parse(planned.volume))
            try:
                await seed(parts, path, quotas[planned.volume], planned)
            except (TownError, OSError) as error:
                progress.warn(f"{planned.volume}: {reason(error)}")
    if scope.cancelled_caught:
        progress.warn(reason(Foreign("install.seeding_timeout", int(seconds))))


async def seed(parts: Parts, volume: VolumePath, quota: int, planned: PlannedSeed) -> None:
    """Fill a volume that no program uses; one that holds anything stays as it is.

    Raises what podman, git and the unpacking raise; then the volume is empty still.
    """
    if not await parts.volumes.is_empty(volume):
        return
    async with parts.volumes.staged(volume, quota) as directory:
        await _fill(parts, directory, planned)


async def _fill(parts: Parts, directory: Path, planned: PlannedSeed) -> None:
    match planned.kind:
        case "image":
            image = ImageReference.parse(planned.image)
            if not await parts.podman.image_exists(image):
                await parts.podman.pull(image)
            await parts.podman.copy_out(image, ImageDirectory.parse(planned.directory), directory)
        case "file":
            await parts.archives.unpack(ArchiveName.parse(planned.file), directory)
        case "git":
            # Its address came from a stranger: it must not see this machine's own SSH keys.
            url = GitUrl.parse(planned.url).without_own_keys()
            await parts.git.clone_into(url, directory, branch=planned.branch)

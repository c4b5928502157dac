"""What has to be fetched for a package, and what its empty volumes are filled with."""

from collections.abc import Iterable

from townos.installations.planning.plans import Origin, PlannedSeed, PlannedVolume
from townos.packages.package import FileSeed, GitSeed, ImageSeed, Package, Seed


def images(package: Package) -> list[str]:
    """Return the images to pull, each once, the one that runs first."""
    wanted = [package.image, *(seed.image for seed in package.seeds if isinstance(seed, ImageSeed))]
    return list(dict.fromkeys(image for image in wanted if image is not None))


def planned_seeds(package: Package, volumes: Iterable[PlannedVolume]) -> list[PlannedSeed]:
    """Return the seeds of the volumes that are new; data that is there is never touched."""
    new = {volume.name for volume in volumes if volume.origin is Origin.NEW}
    return [planned_seed(seed) for seed in package.seeds if seed.volume in new]


def planned_seed(seed: Seed) -> PlannedSeed:
    """Return a seed as a plan keeps it."""
    match seed:
        case ImageSeed(image, directory, volume):
            return PlannedSeed(volume, "image", image=image, directory=directory)
        case FileSeed(name, volume):
            return PlannedSeed(volume, "file", file=name)
        case GitSeed(url, branch, volume):
            return PlannedSeed(volume, "git", url=url.text_with_credentials(), branch=branch)

"""What gets into the volumes of a package before its first start: seeds, then templates."""

from collections.abc import Collection, Iterator

from townos.errors import Invalid
from townos.git.url import GitUrl
from townos.names import InnerPath, VolumeName
from townos.packages.fields import Fields
from townos.packages.package import FileSeed, GitSeed, ImageSeed, PackageTemplate, PackageVolume, Seed


def compile_seeds(fields: Fields, volumes: Collection[PackageVolume]) -> tuple[Seed, ...]:
    """Return what may fill the empty volumes of a container: image directories, archive files, git repositories.

    That is the order in which they are tried: a later one for the same volume only counts where no earlier one had
    anything to put in (docs/packages.md, Filling volumes).
    """
    images = (ImageSeed(spec.image, spec.directory, spec.volume) for spec in fields.manifest.archives)
    files = (FileSeed(volume.archive, volume.name) for volume in volumes if volume.archive)
    return (*images, *files, *_git_volumes(fields), *_git_sources(fields))


def _git_volumes(fields: Fields) -> Iterator[GitSeed]:
    for name, spec in sorted(fields.manifest.volumes.items()):
        if spec.git and (url := fields.value(f"volumes.{name}.git", spec.git, GitUrl.parse)):
            yield GitSeed(url, "", name)


def _git_sources(fields: Fields) -> Iterator[GitSeed]:
    for index, source in enumerate(fields.manifest.git_sources):
        if url := fields.value(f"git_sources[{index}].url", source.url, GitUrl.parse):
            yield GitSeed(url, source.branch, source.volume)


def compile_templates(fields: Fields) -> tuple[PackageTemplate, ...]:
    """Return the files to render, sorted by their template's name."""
    templates: list[PackageTemplate] = []
    places: set[tuple[str, str]] = set()
    for name, spec in sorted(fields.manifest.templates.items()):
        here = f"templates.{name}"
        volume = fields.value(f"{here}.volume", spec.volume, lambda text: _volume(fields, text))
        path = fields.value(f"{here}.path", spec.path, _inner_path)
        if volume is None or path is None:
            continue
        if (volume, path) in places:
            fields.refuse(f"{here}.path", "package.template_twice", f"{volume}/{path}")
        places.add((volume, path))
        templates.append(PackageTemplate(name, volume, path, spec.content))
    return tuple(templates)


def _inner_path(text: str) -> str:
    return str(InnerPath.parse(text))


def _volume(fields: Fields, text: str) -> VolumeName:
    if text not in fields.manifest.volumes:
        raise Invalid("package.no_volume", text)
    return VolumeName.parse(text)

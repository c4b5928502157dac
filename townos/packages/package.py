"""A package that is ready to be installed: every marker replaced, every value checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from townos.git.url import GitUrl
from townos.images import ImageDirectory, ImageReference
from townos.names import ArchiveName, PackageId, TemplateName, VolumeName
from townos.network.port_mapping import PortMapping
from townos.packages.manifest import Runtime


@dataclass(frozen=True, slots=True)
class Vm:
    """A virtual machine; `image` is an HTTP(S) URL or the name of a file in `vm-images`."""

    image: str
    memory_bytes: int
    cpus: int


@dataclass(frozen=True, slots=True)
class PackageVolume:
    """A volume; `quota` is in bytes, 0 means the default quota. `archive` is the file that fills it, if one does."""

    name: VolumeName
    mountpoint: str
    quota: int = 0
    uid: int | None = None
    gid: int | None = None
    archive: ArchiveName | None = None


@dataclass(frozen=True, slots=True)
class ImageSeed:
    """The content of a directory of an image fills a volume."""

    image: ImageReference
    directory: ImageDirectory
    volume: VolumeName


@dataclass(frozen=True, slots=True)
class FileSeed:
    """A file in `archives` fills a volume."""

    name: ArchiveName
    volume: VolumeName


@dataclass(frozen=True, slots=True)
class GitSeed:
    """A clone of a repository fills a volume; an empty `branch` is the remote's default."""

    url: GitUrl
    branch: str
    volume: VolumeName


Seed: TypeAlias = ImageSeed | FileSeed | GitSeed


@dataclass(frozen=True, slots=True)
class PackageTemplate:
    """A file to render: `path` is relative to the volume's root, `content` is a Go template."""

    name: TemplateName
    volume: VolumeName
    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Package:
    """A compiled package. Ports are sorted by the machine's port; volumes, environment and templates by name.

    Exactly one of `image` and `vm` is there. Seeds are in the order in which they are tried: each only fills a volume
    that is still empty.
    """

    id: PackageId
    image: ImageReference | None = None
    vm: Vm | None = None
    description: str = ""
    supplies: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    external_ports: tuple[PortMapping, ...] = ()
    internal_ports: tuple[PortMapping, ...] = ()
    volumes: tuple[PackageVolume, ...] = ()
    seeds: tuple[Seed, ...] = ()
    templates: tuple[PackageTemplate, ...] = ()

    @property
    def runtime(self) -> Runtime:
        """What runs the package: podman or QEMU."""
        return "container" if self.vm is None else "vm"

    @property
    def ports(self) -> tuple[PortMapping, ...]:
        """External and internal ports together, sorted by the machine's port."""
        return tuple(sorted((*self.external_ports, *self.internal_ports)))

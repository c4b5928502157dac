"""A manifest as its author wrote it: typed, but with markers where answers will stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from townos.images import ImageDirectory, ImageReference
from townos.names import TemplateName, VolumeName
from townos.packages.questions import Question

VM_MEMORY_DEFAULT: Final = "1gb"
VM_CPUS_DEFAULT: Final = 1

Runtime = Literal["container", "vm"]


@dataclass(frozen=True, slots=True)
class VmSpec:
    """A virtual machine. `image` is a URL or a file in `vm-images`, `memory` a size; both with markers."""

    image: str
    memory: str = VM_MEMORY_DEFAULT
    cpus: int = VM_CPUS_DEFAULT


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A volume of a package; `quota` is a size with markers, empty for the default quota.

    `archive` names a file in `archives`, `git` is a URL; both have markers and are empty if nothing fills the volume.
    """

    mountpoint: str
    quota: str = ""
    uid: int | None = None
    gid: int | None = None
    archive: str = ""
    git: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveSpec:
    """A directory of an image that fills a volume."""

    image: ImageReference
    directory: ImageDirectory
    volume: VolumeName


@dataclass(frozen=True, slots=True)
class GitSource:
    """A repository that fills a volume; `url` has markers, an empty `branch` is the remote's default."""

    url: str
    branch: str
    volume: VolumeName


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """A file in a volume; `volume` and `path` have markers, `content` is a Go template."""

    volume: str
    path: str
    content: str


NoteType = Literal["url", "email", "phone"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know after the installation; `type` is `url`, `email`, `phone` or empty."""

    value: str
    type: NoteType | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a package. Ports map the machine's port to the application's, both as text with markers.

    Exactly one of `image` and `vm` is there. `lines` tells on which line each path of the file is, counted from 1.
    """

    image: ImageReference | None = None
    vm: VmSpec | None = None
    description: str = ""
    supplies: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    internal: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[VolumeName, VolumeSpec] = field(default_factory=dict)
    archives: tuple[ArchiveSpec, ...] = ()
    git_sources: tuple[GitSource, ...] = ()
    templates: Mapping[TemplateName, TemplateSpec] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def runtime(self) -> Runtime:
        """What runs the package: podman or QEMU."""
        return "container" if self.vm is None else "vm"

    def line(self, path: str) -> int:
        """Return the line of a path, of what it is in if it has none itself, else 1."""
        while path not in self.lines and path:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)

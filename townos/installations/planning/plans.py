"""What an operation is going to do, in full, before it does anything. A plan survives a restart as JSON."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Literal, Self, TypeVar

import msgspec

from townos.encoding import builtins
from townos.packages.package import FileSeed, GitSeed, ImageSeed, Seed

T = TypeVar("T", bound=msgspec.Struct)

INSTALL: Final = "install"
UPGRADE: Final = "upgrade"
"""An installation that replaces another version, or the same one from a changed manifest."""
INSTALLING: Final = frozenset({INSTALL, UPGRADE})
"""The kinds of operation whose plan is an `InstallPlan`."""


class Origin(StrEnum):
    """Where the data of a planned volume comes from."""

    NEW = "new"
    """From nowhere: it is made empty, and may be seeded."""
    PRESENT = "present"
    """It is at its place already, though no installed version owns it."""
    MIGRATED = "migrated"
    """From the version that is replaced, or that very volume if the version stays."""
    KEPT = "kept"
    """From an uninstalled version: moved back."""
    IMPORTED = "imported"
    """From another version, which keeps its own: copied."""


class PlannedVolume(msgspec.Struct, frozen=True):
    """A volume of the package and its quota in bytes.

    `source` is the path of the volume whose data it gets, `previous_quota` the quota of what is there before, and
    `snapshot` the identifier under which that is kept until the operation has ended well.
    """

    name: str
    quota: int
    origin: Origin = Origin.NEW
    source: str = ""
    previous_quota: int = 0
    snapshot: str = ""


class MovedVolume(msgspec.Struct, frozen=True):
    """A volume that is kept under `uninstalled/`.

    `snapshot` is taken of it before. A data set that is at its new place already becomes its snapshot `displaced`.
    """

    name: str
    snapshot: str = ""
    displaced: str = ""


class PlannedSeed(msgspec.Struct, frozen=True):
    """What an empty volume is filled with: a directory of an image, an archive file, or a git repository."""

    volume: str
    kind: Literal["image", "file", "git"]
    image: str = ""
    directory: str = ""
    file: str = ""
    url: str = ""
    branch: str = ""

    @classmethod
    def of(cls, seed: Seed) -> Self:
        """Return a seed as a plan keeps it."""
        match seed:
            case ImageSeed(image, directory, volume):
                return cls(volume, "image", image=image, directory=directory)
            case FileSeed(name, volume):
                return cls(volume, "file", file=name)
            case GitSeed(url, branch, volume):
                return cls(volume, "git", url=url.text_with_credentials(), branch=branch)


class Previous(msgspec.Struct, frozen=True):
    """What is replaced, and restored by a rollback; the texts are empty where there was no file."""

    version: str
    answers: dict[str, str]
    unit: str
    network_state: str
    running: bool
    enabled: bool = False


class InstallPlan(msgspec.Struct, frozen=True):
    """An installation, or the replacement of what is installed if there is a `previous`."""

    digest: str
    """SHA-256 of the manifest that the plan was made from, in hexadecimal."""
    answers: dict[str, str]
    volumes: list[PlannedVolume]
    ports: list[int]
    unit: str
    network_state: str
    watch_seconds: int
    images: list[str] = []
    """To be fetched, the one that runs first; none for a virtual machine."""
    vm_image: str = ""
    """The disk of a virtual machine as its manifest names it: a URL, or a file that is there."""
    disk_snapshot: str = ""
    """The identifier under which the disk is kept as it was, if what is replaced has the same one."""
    seeds: list[PlannedSeed] = []
    templates: int = 0
    """How many files are rendered, as far as they are not there."""
    leaving: list[MovedVolume] = []
    """Volumes of the previous version that this one does not have."""
    may_end: bool = True
    """Whether the program may end by itself while it is watched."""
    start: bool = True
    snapshots_kept: int | None = None
    """How many snapshots each volume keeps; `None` forgets the one of this operation."""
    previous: Previous | None = None


class UninstallPlan(msgspec.Struct, frozen=True):
    """The removal of a package. `purge` deletes the volumes, else they are kept, with so many snapshots of each."""

    answers: dict[str, str]
    unit: str
    network_state: str
    volumes: list[MovedVolume]
    purge: bool
    running: bool
    enabled: bool = False
    snapshots_kept: int = 0


class PausedService(msgspec.Struct, frozen=True):
    """The service of an installed package before an operation that stops it; `unit` is the text of its file."""

    unit: str = ""
    running: bool = False
    enabled: bool = False
    watch_seconds: int = 0


class PurgePlan(msgspec.Struct, frozen=True):
    """The loss of all data of a package: the volumes that go, by their paths.

    What is installed gets `fresh` volumes, seeded and rendered as at an installation, and runs again if it ran.
    """

    doomed: list[str]
    fresh: list[PlannedVolume] = []
    seeds: list[PlannedSeed] = []
    templates: int = 0
    service: PausedService = PausedService()


class RefreshedVolume(msgspec.Struct, frozen=True):
    """A volume whose git repository is brought up to date; `snapshot` keeps what it had."""

    name: str
    url: str
    branch: str
    quota: int
    snapshot: str


class RebuildPlan(msgspec.Struct, frozen=True):
    """The update of a package's git volumes."""

    volumes: list[RefreshedVolume]
    snapshots_kept: int
    service: PausedService


class RestorePlan(msgspec.Struct, frozen=True):
    """The return of a volume, or of one path in it, to what a snapshot holds; what there is becomes `before`.

    `quota` is the volume's, in bytes. The `service` is that of the package that uses the volume, if it has to stop.
    """

    volume: str
    snapshot: str
    before: str
    quota: int
    snapshots_kept: int
    path: str = ""
    service: PausedService | None = None


class SwitchPlan(msgspec.Struct, frozen=True):
    """Letting a package run from now on, or not; how it was before."""

    disabled: bool
    service: PausedService


def stored(plan: msgspec.Struct) -> Mapping[str, Any]:
    """Return a plan as the step log keeps it."""
    built: dict[str, Any] = builtins(plan)
    return built


def read(kind: type[T], plan: Mapping[str, Any]) -> T:
    """Return a plan from the step log."""
    return msgspec.convert(plan, kind)

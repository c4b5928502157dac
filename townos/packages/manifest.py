"""A manifest as its author wrote it: typed, but with markers where answers will stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from townos.images import ImageReference
from townos.names import VolumeName
from townos.packages.questions import Question


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A volume of a package; `quota` is a size with markers, empty for the default quota."""

    mountpoint: str
    quota: str = ""
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know after the installation; `type` is `url`, `email`, `phone` or empty."""

    value: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a package. Ports map the machine's port to the application's, both as text with markers."""

    image: ImageReference
    description: str = ""
    supplies: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    internal: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[VolumeName, VolumeSpec] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)

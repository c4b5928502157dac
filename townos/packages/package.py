"""A package that is ready to be installed: every marker replaced, every value checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from townos.images import ImageReference
from townos.names import PackageId, VolumeName
from townos.ports import PortMapping


@dataclass(frozen=True, slots=True)
class PackageVolume:
    """A volume; `quota` is in bytes, 0 means the default quota."""

    name: VolumeName
    mountpoint: str
    quota: int = 0
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A compiled package. Ports are sorted by the machine's port, volumes and environment by name."""

    id: PackageId
    image: ImageReference
    description: str = ""
    supplies: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    external_ports: tuple[PortMapping, ...] = ()
    internal_ports: tuple[PortMapping, ...] = ()
    volumes: tuple[PackageVolume, ...] = ()

    @property
    def ports(self) -> tuple[PortMapping, ...]:
        """External and internal ports together, sorted by the machine's port."""
        return tuple(sorted((*self.external_ports, *self.internal_ports)))

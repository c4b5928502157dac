"""What an installation would make, for a person to read before deciding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from townos.i18n import T
from townos.names import PackageId
from townos.packages.manifest import Manifest
from townos.packages.questions import PORT
from townos.ports import PortMapping


@dataclass(frozen=True, slots=True)
class PreviewedVolume:
    """A volume that would be made; `quota` as the manifest writes it, with markers."""

    name: str
    mountpoint: str
    quota: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview; ports whose numbers still wait for an answer are left out."""

    id: PackageId
    manifest: Manifest
    volumes: Sequence[PreviewedVolume]
    external_ports: Sequence[PortMapping]
    internal_ports: Sequence[PortMapping]
    total_quota: int
    quota_exceeds_disk: bool

    @property
    def has_questions(self) -> bool:
        """Whether there is something to answer."""
        return bool(self.manifest.questions)

    def summary(self, locale: str) -> str:
        """Return the preview in one line."""
        parts = [
            T(locale, "install.summary.install", self.id.name, self.id.version),
            T(locale, "install.summary.image", self.manifest.image),
            self._volumes_summary(locale),
        ]
        if self.external_ports:
            ports = ", ".join(f"{port.external}->{port.internal}" for port in self.external_ports)
            parts.append(T(locale, "install.summary.external_ports", ports))
        if self.has_questions:
            parts.append(T(locale, "install.summary.config_required"))
        return ". ".join(parts) + "."

    def _volumes_summary(self, locale: str) -> str:
        if not self.volumes:
            return T(locale, "install.summary.no_volumes")
        count = len(self.volumes)
        number, new = T(locale, "install.summary.volumes", count), T(locale, "install.summary.new_volumes", count)
        return f"{number}, {new}"


def previewed_volumes(manifest: Manifest) -> list[PreviewedVolume]:
    """Return the volumes of a manifest, sorted by name."""
    return [PreviewedVolume(name, spec.mountpoint, spec.quota) for name, spec in sorted(manifest.volumes.items())]


def literal_ports(ports: Mapping[str, str]) -> list[PortMapping]:
    """Return the ports that are numbers already, sorted."""
    return sorted(
        PortMapping(int(outer), int(inner))
        for outer, inner in ports.items()
        if PORT.fullmatch(outer) and PORT.fullmatch(inner)
    )

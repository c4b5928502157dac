"""What an installation would make, for a person to read before deciding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from townos.i18n import T
from townos.installations.planning.plans import Origin
from townos.names import PackageId, Version, VolumeName
from townos.network.port_mapping import PortMapping
from townos.packages.manifest import Manifest
from townos.packages.questions import PORT
from townos.storage.volumes import DiskUsage


@dataclass(frozen=True, slots=True)
class PreviewedVolume:
    """A volume of the package; `quota` as the manifest writes it, with markers."""

    name: str
    mountpoint: str
    quota: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview; ports whose numbers still wait for an answer are left out."""

    id: PackageId
    manifest: Manifest
    upgrading_from: Version | None
    volumes: Sequence[PreviewedVolume]
    external_ports: Sequence[PortMapping]
    internal_ports: Sequence[PortMapping]
    disk_usage: DiskUsage
    total_quota: int
    quota_exceeds_disk: bool

    @property
    def has_questions(self) -> bool:
        """Whether there is something to answer."""
        return bool(self.manifest.questions)

    def migrated(self, volume: PreviewedVolume) -> bool:
        """Tell whether a volume comes from the version that is replaced."""
        return self.upgrading_from is not None and volume.origin is Origin.MIGRATED

    def summary(self, locale: str) -> str:
        """Return the preview in one line."""
        parts = [self._headline(locale), self._runs(locale), self._volumes_summary(locale)]
        if self.external_ports:
            ports = ", ".join(f"{port.external}->{port.internal}" for port in self.external_ports)
            parts.append(T(locale, "install.summary.external_ports", ports))
        if self.has_questions:
            parts.append(T(locale, "install.summary.config_required"))
        return ". ".join(parts) + "."

    def _headline(self, locale: str) -> str:
        if self.upgrading_from is None:
            return T(locale, "install.summary.install", self.id.name, self.id.version)
        return T(locale, "install.summary.upgrade", self.id.name, self.upgrading_from, self.id.version)

    def _runs(self, locale: str) -> str:
        if self.manifest.vm is not None:
            return T(locale, "install.summary.vm_image", self.manifest.vm.image)
        return T(locale, "install.summary.image", self.manifest.image)

    def _volumes_summary(self, locale: str) -> str:
        if not self.volumes:
            return T(locale, "install.summary.no_volumes")
        parts = [T(locale, "install.summary.volumes", len(self.volumes))]
        if new := sum(volume.origin is Origin.NEW for volume in self.volumes):
            parts.append(T(locale, "install.summary.new_volumes", new))
        if migrated := sum(map(self.migrated, self.volumes)):
            parts.append(T(locale, "install.summary.migrated", migrated))
        return ", ".join(parts)


def previewed_volumes(manifest: Manifest, origins: Mapping[VolumeName, Origin]) -> list[PreviewedVolume]:
    """Return the volumes of a manifest, sorted by name."""
    return [
        PreviewedVolume(name, spec.mountpoint, spec.quota, origins[name])
        for name, spec in sorted(manifest.volumes.items())
    ]


def literal_ports(ports: Mapping[str, str]) -> list[PortMapping]:
    """Return the ports that are numbers already, sorted."""
    return sorted(
        PortMapping(int(outer), int(inner))
        for outer, inner in ports.items()
        if PORT.fullmatch(outer) and PORT.fullmatch(inner)
    )

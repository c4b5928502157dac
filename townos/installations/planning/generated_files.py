"""The files outside its volumes that are made for a package: its unit file and its network state."""

from dataclasses import dataclass
from pathlib import Path

from townos.installations.planning.unit import service_unit
from townos.network.port_mapping import NetworkMode
from townos.network.state import network_state
from townos.packages.package import Package
from townos.packages.vm_source import VmImageSource
from townos.settings.settings import Settings
from townos.storage.paths import VolumePath
from townos.storage.volumes import VolumeViews
from townos.vm.accelerator import chosen
from townos.vm.images import VmImages
from townos.vm.unit import vm_service_unit


@dataclass(frozen=True, slots=True)
class GeneratedFiles:
    """Writes their texts. `seccomp` is the profile of what a container's program may ask the kernel for."""

    volumes: VolumeViews
    vm_images: VmImages
    settings: Settings
    network_mode: NetworkMode
    seccomp: Path

    def unit(self, package: Package) -> str:
        """Return the text of a package's unit file. Raises `Invalid`."""
        if package.vm is not None:
            disk = self.vm_images.location(VmImageSource.parse(package.vm.image).name)
            return vm_service_unit(package, package.vm, disk, chosen(self.settings.vm_accelerator))
        volumes = {
            volume.name: self.volumes.location(VolumePath.installed(package.id, volume.name))
            for volume in package.volumes
        }
        return service_unit(package, volumes, self.network_mode, self.seccomp)

    def network_state(self, package: Package) -> str:
        """Return the text of a package's network state, empty if it needs none."""
        return network_state(package.id, package.external_ports, package.internal_ports, self.network_mode)

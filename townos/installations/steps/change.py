"""What all changes of one installation share."""

from dataclasses import dataclass, replace

from townos.installations.parts import Parts
from townos.installations.planning.plans import InstallPlan, PlannedVolume
from townos.names import PackageId, Version, VmImageName, VolumeName
from townos.packages.vm_source import VmImageSource
from townos.storage.paths import VolumePath


@dataclass(frozen=True, slots=True)
class Change:
    """The base of every change."""

    package: PackageId
    plan: InstallPlan
    parts: Parts

    @property
    def old(self) -> PackageId:
        """The installed version that is replaced; this version itself if there is none or if it stays."""
        if self.plan.previous is None:
            return self.package
        return replace(self.package, version=Version.parse(self.plan.previous.version))

    @property
    def version_stays(self) -> bool:
        """Whether the files of what is replaced have the same names as those of what replaces it."""
        return self.old == self.package

    @property
    def disk(self) -> VmImageName:
        """The disk of the virtual machine."""
        return VmImageSource.parse(self.plan.vm_image).name

    def path(self, volume: PlannedVolume) -> VolumePath:
        """Return where a volume is going to be."""
        return VolumePath.installed(self.package, VolumeName.parse(volume.name))

"""One installation, as all of its steps see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from townos.installations.planning.plans import InstallPlan, Origin, PlannedVolume
from townos.names import PackageId, Version, VmImageName, VolumeName
from townos.operations.kinds import Step
from townos.packages.vm_source import VmImageSource
from townos.storage.paths import VolumePath


@dataclass(frozen=True, slots=True)
class Change:
    """A package that is going to be installed, and its plan."""

    package: PackageId
    plan: InstallPlan

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

    @property
    def migrated(self) -> Sequence[PlannedVolume]:
        """The volumes that come from the version that is replaced."""
        return [volume for volume in self.plan.volumes if volume.origin is Origin.MIGRATED]

    def path(self, volume: PlannedVolume) -> VolumePath:
        """Return where a volume is going to be."""
        return VolumePath.installed(self.package, VolumeName.parse(volume.name))


class StepGroup(Protocol):
    """Steps of an installation that belong together, with the ports that they use."""

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the steps in order; none where there is nothing to do."""

"""What other packages' operations are going to take of what two packages cannot share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from townos.installations.planning.plans import INSTALLING, InstallPlan, read, stored
from townos.installations.records.store import Records
from townos.installations.subjects import package_of, subject_of
from townos.names import PackageId, UnitName, VmImageName
from townos.operations.claim import Claim
from townos.operations.kinds import Plan
from townos.packages.vm_source import VmImageSource


@dataclass(frozen=True, slots=True)
class TakenByOthers:
    """Unit names, ports and disks, each with the package that is going to have it.

    An installation that failed half way keeps only its unit: the next start is going to remove or to run it.
    """

    units: Mapping[UnitName, PackageId]
    ports: Mapping[int, PackageId]
    disks: Mapping[VmImageName, PackageId]

    @classmethod
    def of(cls, package: PackageId, claims: Iterable[Claim]) -> Self:
        """Return what others than this package take."""
        subject = subject_of(package)
        others = [claim for claim in claims if claim.kind in INSTALLING and not subject.excludes(claim.subject)]
        plans = [(package_of(claim.subject), read(InstallPlan, claim.plan)) for claim in others if not claim.is_left]
        return cls(
            units={other.unit: other for other in (package_of(claim.subject) for claim in others)},
            ports={port: other for other, plan in plans for port in plan.ports},
            disks={disk_name(plan.vm_image): other for other, plan in plans if plan.vm_image},
        )

    def overlaps(self, package: PackageId, plan: InstallPlan) -> bool:
        """Tell whether a plan takes something of it."""
        has_disk = bool(plan.vm_image) and disk_name(plan.vm_image) in self.disks
        return package.unit in self.units or has_disk or not self.ports.keys().isdisjoint(plan.ports)


@dataclass(frozen=True, slots=True)
class PreparedInstallation:
    """An installation that was planned by what was installed at a revision of the records."""

    package: PackageId
    plan: InstallPlan
    records: Records
    revision: int

    def claim(self, claims: Iterable[Claim]) -> Plan | None:
        """Return the plan unless the records have changed, or another operation has claimed something of it."""
        if self.records.revision != self.revision or TakenByOthers.of(self.package, claims).overlaps(
            self.package, self.plan
        ):
            return None
        return stored(self.plan)


def disk_name(image: str) -> VmImageName:
    """Return the name of the disk that a manifest's `vm.image` means."""
    return VmImageSource.parse(image).name

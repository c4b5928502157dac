"""The disks of virtual machines. A machine writes to its disk, so no two of them may have the same one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from townos.errors import Conflict, NotFound
from townos.installations.planning.claims import disk_name
from townos.installations.planning.plans import INSTALLING, InstallPlan, read
from townos.installations.records.installed import Installed, InstalledPackages
from townos.installations.subjects import package_of
from townos.names import PackageId, VmImageName
from townos.operations.engine import Operations
from townos.packages.package import Package
from townos.packages.vm_source import VmImageSource
from townos.vm.images import VmImages


@dataclass(frozen=True, slots=True)
class VmDisks:
    """Knows which package each disk belongs to."""

    installed: InstalledPackages
    operations: Operations

    async def users(self) -> Mapping[VmImageName, PackageId]:
        """Return which package each disk belongs to, those counted that are being installed."""
        users = _users((await self.installed.state()).readable.values())
        for claim in self.operations.claims():
            if claim.kind in INSTALLING and (image := read(InstallPlan, claim.plan).vm_image):
                users[disk_name(image)] = package_of(claim.subject)
        return users


async def refuse_shared_disk(
    package: Package, installed: Iterable[Installed], taken: Mapping[VmImageName, PackageId], images: VmImages
) -> None:
    """Raise `Conflict` when another package's machine has the disk, `NotFound` for a file that is not there.

    `taken` are the disks that other packages are going to have.
    """
    if package.vm is None:
        return
    source = VmImageSource.parse(package.vm.image)
    user = {**_users(installed), **taken}.get(source.name)
    if user is not None and (user.repository, user.name) != (package.id.repository, package.id.name):
        raise Conflict("vm.image_in_use", source.name, str(user))
    if source.url is None and not await images.exists(source.name):
        raise NotFound("vm.image_missing", source.name)


def has_same_disk(package: Package, other: Package) -> bool:
    """Tell whether the machines of two packages have the same disk."""
    return package.vm is not None and other.vm is not None and disk_name(package.vm.image) == disk_name(other.vm.image)


def _users(installed: Iterable[Installed]) -> dict[VmImageName, PackageId]:
    return {disk_name(one.package.vm.image): one.id for one in installed if one.package.vm is not None}

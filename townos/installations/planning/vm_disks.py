"""The disks of virtual machines. A machine writes to its disk, so no two of them may have the same one."""

from collections.abc import Mapping
from dataclasses import dataclass

from townos.errors import Conflict, NotFound
from townos.installations.planning.plans import INSTALLING, InstallPlan, read
from townos.installations.records.installed import InstalledPackages
from townos.installations.subjects import package_of
from townos.names import PackageId, VmImageName
from townos.operations.engine import Operations
from townos.packages.package import Package
from townos.vm.images import VmImages
from townos.packages.vm_source import VmImageSource


@dataclass(frozen=True, slots=True)
class VmDisks:
    """Knows which package each disk belongs to."""

    installed: InstalledPackages
    operations: Operations
    images: VmImages

    async def users(self) -> Mapping[VmImageName, PackageId]:
        """Return which package each disk belongs to, those counted that are being installed."""
        users = {}
        for installed in await self.installed.all():
            if installed.package.vm is not None:
                users[VmImageSource.parse(installed.package.vm.image).name] = installed.id
        for claim in self.operations.claims():
            if claim.kind in INSTALLING and (image := read(InstallPlan, claim.plan).vm_image):
                users[VmImageSource.parse(image).name] = package_of(claim.subject)
        return users

    async def refuse_shared(self, package: Package) -> None:
        """Raise `Conflict` when another package's machine has the disk, `NotFound` for a file that is not there."""
        if package.vm is None:
            return
        source = VmImageSource.parse(package.vm.image)
        user = (await self.users()).get(source.name)
        if user is not None and (user.repository, user.name) != (package.id.repository, package.id.name):
            raise Conflict("vm.image_in_use", source.name, str(user))
        if source.url is None and not await self.images.exists(source.name):
            raise NotFound("vm.image_missing", source.name)

    async def is_same(self, package: Package, installed: PackageId) -> bool:
        """Tell whether a package is going to run on the disk that an installed version has."""
        if package.vm is None:
            return False
        before = (await self.installed.get(installed)).package.vm
        return before is not None and _name(before.image) == _name(package.vm.image)


def _name(image: str) -> VmImageName:
    return VmImageSource.parse(image).name

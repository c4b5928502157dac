"""The disks of virtual machines. A machine writes to its disk, so no two of them may have the same one."""

from collections.abc import Callable, Mapping, Sequence

from townos.errors import Conflict, NotFound
from townos.installations.parts import Parts
from townos.installations.planning.plans import INSTALLING, InstallPlan, read
from townos.installations.subjects import package_of
from townos.names import PackageId, VmImageName
from townos.operations.claim import Claim
from townos.packages.package import Package
from townos.packages.vm_source import VmImageSource
from townos.vm.images import Progress, VmImages


async def disk_users(parts: Parts, claims: Callable[[], Sequence[Claim]]) -> Mapping[VmImageName, PackageId]:
    """Return which package each disk belongs to, those counted that are being installed."""
    users = {}
    for installed in await parts.installed.all():
        if installed.package.vm is not None:
            users[VmImageSource.parse(installed.package.vm.image).name] = installed.id
    for claim in claims():
        if claim.kind in INSTALLING and (image := read(InstallPlan, claim.plan).vm_image):
            users[VmImageSource.parse(image).name] = package_of(claim.subject)
    return users


async def refuse_shared_disk(parts: Parts, package: Package, claims: Callable[[], Sequence[Claim]]) -> None:
    """Raise `Conflict` when another package's machine has the disk, `NotFound` for a file that is not there."""
    if package.vm is None:
        return
    source = VmImageSource.parse(package.vm.image)
    user = (await disk_users(parts, claims)).get(source.name)
    if user is not None and (user.repository, user.name) != (package.id.repository, package.id.name):
        raise Conflict("vm.image_in_use", source.name, str(user))
    if source.url is None and not await parts.vm_images.exists(source.name):
        raise NotFound("vm.image_missing", source.name)


async def same_disk(parts: Parts, package: Package, installed: PackageId) -> bool:
    """Tell whether a package is going to run on the disk that an installed version has."""
    if package.vm is None:
        return False
    before = (await parts.installed.get(installed)).package.vm
    return before is not None and VmImageSource.parse(before.image).name == VmImageSource.parse(package.vm.image).name


async def fetch_disk(images: VmImages, image: str, progress: Progress | None = None) -> None:
    """Fetch the disk that a manifest names, unless it is here. Raises what `VmImages.fetch` raises, and `NotFound`."""
    source = VmImageSource.parse(image)
    if source.url is not None:
        await images.fetch(source.url, source.name, progress)
    elif not await images.exists(source.name):
        raise NotFound("vm.image_missing", source.name)

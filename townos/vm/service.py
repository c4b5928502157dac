"""Disk images as people have them: fetched as an operation that can be watched and cancelled, deleted if unused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from townos.errors import Conflict, NotFound, at_field
from townos.names import PackageId, VmImageName
from townos.operations import Kind, Operations, Plan, Progress, Step, Subject, nothing
from townos.packages.vm_source import ImageUrl, VmImageSource
from townos.storage.space.guard import SpaceGuard
from townos.vm.images import DIRECTORY, VmImage, VmImages

UPLOAD: Final = "upload-vm-image"
STEP: Final = "vm-image"

DiskUsers = Callable[[], Awaitable[Mapping[VmImageName, PackageId]]]
"""Tells which package each disk belongs to."""


class VmImageLibrary:
    """The appliance's disk images."""

    def __init__(self, images: VmImages, operations: Operations, users: DiskUsers, space: SpaceGuard) -> None:
        self._images = images
        self._operations = operations
        self._users = users
        self._space = space
        operations.register(Kind(UPLOAD, self._steps))

    async def list(self) -> Sequence[VmImage]:
        """Return all finished images, sorted by name."""
        return await self._images.list()

    async def upload(self, url: str, name: str = "", *, operation_id: str = "") -> VmImage:
        """Fetch an image and return it when it is there; its name is made as `VmImageSource` says.

        One that came from this address is there already. Raises `Invalid` naming the field; `Conflict` when the name
        is taken; `NoSpace` on a full disk; what `VmImages.fetch` and `Operations.run` raise.
        """
        address = at_field("url", ImageUrl.parse, url)
        checked = at_field("name", VmImageName.of, name or address.file_name)
        planner = partial(self._plan, url, address, checked)
        await self._operations.run(UPLOAD, _subject(checked), planner, operation_id=operation_id)
        image = await self._find(checked)
        if image is None:
            raise NotFound("vm.image_missing", checked)  # somebody was quick to delete it
        return image

    async def delete(self, name: str) -> None:
        """Delete an image. Raises `Invalid`, `NotFound`, and `Conflict` naming the package that uses it."""
        checked = at_field("name", VmImageName.parse, name)
        user = (await self._users()).get(checked)
        if user is not None:
            raise Conflict("vm.image_in_use", checked, str(user))
        await self._images.remove(checked)

    async def _plan(self, url: str, address: ImageUrl, name: VmImageName) -> Plan:
        image = await self._find(name)
        if image is not None and not image.is_from(address):
            raise Conflict("vm.from_elsewhere", name)
        if image is None:
            await self._space.require_room()
        return {"url": url, "name": name}

    def _steps(self, _: Subject, plan: Plan) -> Sequence[Step]:
        source = VmImageSource.parse(plan["url"], plan["name"])
        return (Step(STEP, partial(self._fetch, source), nothing, "bytes"),)

    async def _fetch(self, source: VmImageSource, progress: Progress) -> None:
        assert source.url is not None
        await self._images.fetch(source.url, source.name, progress)

    async def _find(self, name: VmImageName) -> VmImage | None:
        return next((image for image in await self._images.list() if image.name == name), None)


def _subject(name: VmImageName) -> Subject:
    """Return the subject that an image is."""
    return Subject(DIRECTORY, str(name), "raw")

"""Routes of the disk images of virtual machines."""

from typing import Self

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.requests import Name, Request, Url
from townos.vm.images import VmImage
from townos.vm.service import VmImageLibrary


class UploadImage(Request):
    """Where an image comes from; an empty name is taken from the URL."""

    url: Url = ""
    name: Name = ""
    operation_id: Name = ""


class DeleteImage(Request):
    """Which image is deleted."""

    name: Name = ""


class ImageObject(msgspec.Struct, frozen=True):
    """An image as it goes out; `size` is that of the disk in bytes."""

    name: str
    size: int

    @classmethod
    def of(cls, image: VmImage) -> Self:
        """Return the object of an image."""
        return cls(image.name, image.size)


def routes(library: VmImageLibrary) -> Routes:
    """Return the routes of this area."""

    async def listing(_: Call) -> list[ImageObject]:
        return [ImageObject.of(image) for image in await library.list()]

    async def upload(_: Call, body: UploadImage) -> ImageObject:
        return ImageObject.of(await library.upload(body.url, body.name, operation_id=body.operation_id))

    async def delete(_: Call, body: DeleteImage) -> None:
        await library.delete(body.name)

    return (
        get("/vm-images", listing, Auth.SESSION),
        post("/vm-images/upload", upload, Auth.ADMIN, audit="upload_vm_image"),
        post("/vm-images/delete", delete, Auth.ADMIN, audit="delete_vm_image"),
    )

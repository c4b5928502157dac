"""References to container images, made complete so that everybody means the same image, and places inside of them."""

import re
from typing import Final, Self

from townos.errors import Invalid
from townos.limits import IMAGE_DIRECTORY_MAX_CHARS, IMAGE_REFERENCE_MAX_CHARS
from townos.texts import CONTROL
from townos.urls import is_link_local

_REFERENCE: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._:/@-]*")
_LABEL: Final = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REGISTRY: Final = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?")
_PORT_MAX: Final = 65_535

_ARCHIVES: Final = frozenset({"docker-archive", "oci-archive", "ostree", "sif", "tarball"})
_TRANSPORTS: Final = _ARCHIVES | {"atomic", "containers-storage", "dir", "docker", "docker-daemon", "oci"}
"""What makes podman read `dir:5000/x` as the name of a file, which it then opens as root (containers-transports(5))."""


class ImageReference(str):
    """A complete reference: registry, path and tag or digest.

    Never an option, for it begins with a letter or digit, and never a file of this machine, for it begins with a host.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check and complete a reference. Raises `Invalid`.

        `nginx` becomes `docker.io/library/nginx:latest`, `user/app` becomes `docker.io/user/app:latest`; a reference
        that names its registry only gets a missing `:latest`.
        """
        if not text:
            raise Invalid("package.image_required")
        components = text.split("/")
        fits = len(text) <= IMAGE_REFERENCE_MAX_CHARS and _REFERENCE.fullmatch(text) is not None
        if not fits or any(component in {"", ".", ".."} for component in components):
            raise Invalid("package.image_invalid", text)
        if len(components) == 1:
            components = ["docker.io", "library", *components]
        elif len(components) == 2 and not set(components[0]) & set(".:"):
            components = ["docker.io", *components]
        _check_registry(components[0])
        if any(set(component) & set(":@") for component in components[1:-1]):
            raise Invalid("package.image_invalid", text)
        if not set(components[-1]) & set(":@"):
            components[-1] += ":latest"
        return cls("/".join(components))

    @property
    def registry(self) -> str:
        """The host, with its port if it has one, that the image comes from."""
        return self.partition("/")[0]

    @property
    def repository(self) -> str:
        """The reference without its tag or digest."""
        above, slash, last = self.rpartition("/")
        return above + slash + re.split("[:@]", last, maxsplit=1)[0]


class ImageDirectory(str):
    """An absolute directory of an image, without `.` and `..`: never an option, never above the image's root."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check a directory; slashes that change nothing are left out. Raises `Invalid`."""
        components = text.split("/")
        if not text.startswith("/") or {".", ".."} & set(components):
            raise Invalid("package.image_directory", text)
        if CONTROL.search(text) or len(text) > IMAGE_DIRECTORY_MAX_CHARS:
            raise Invalid("package.image_directory", text)
        return cls("/" + "/".join(filter(None, components)))

    @property
    def components(self) -> tuple[str, ...]:
        """The names on the way from the image's root; none for the root itself."""
        return tuple(filter(None, self.split("/")))


def _check_registry(text: str) -> None:
    """Refuse what is no host with perhaps a port, and hosts that only this machine's own network has."""
    registry = _REGISTRY.fullmatch(text)
    if registry is None or not 1 <= int(registry["port"] or _PORT_MAX) <= _PORT_MAX:
        raise Invalid("package.image_registry", text)
    if is_link_local(registry["host"]) or (registry["port"] and registry["host"].lower() in _TRANSPORTS):
        raise Invalid("package.image_registry", text)

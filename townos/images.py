"""References to container images, made complete so that everybody means the same image."""

import re
from typing import Final, Self

from townos.errors import Invalid
from townos.limits import IMAGE_REFERENCE_MAX_CHARS

_REFERENCE: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._:/@-]*")


class ImageReference(str):
    """A complete reference: registry, path and tag or digest. Never an option: it begins with a letter or digit."""

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
        if not set(components[-1]) & set(":@"):
            components[-1] += ":latest"
        return cls("/".join(components))

    @property
    def registry(self) -> str:
        """The host, with its port if it has one, that the image comes from."""
        return self.partition("/")[0]

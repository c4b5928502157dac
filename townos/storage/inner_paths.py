"""The one gate for paths inside a volume: where a template is written, where an upload is unpacked."""

from dataclasses import dataclass
from typing import Self

from townos.errors import Invalid
from townos.limits import INNER_NAME_MAX_BYTES, INNER_PATH_DEPTH_MAX, INNER_PATH_MAX_BYTES
from townos.texts import CONTROL


@dataclass(frozen=True, slots=True, order=True)
class InnerPath:
    """The path of something inside a volume: at least one component, none of them `.` or `..`.

    It says nothing about what is there: a container may have put a symbolic link anywhere.
    """

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a relative path, written with `/` between components. Raises `Invalid`."""
        parts = tuple(text.split("/"))
        if {"", ".", ".."} & set(parts) or CONTROL.search(text):
            raise Invalid("storage.inner_path", text)
        sizes = [len(part.encode()) for part in parts]
        if max(sizes) > INNER_NAME_MAX_BYTES or sum(sizes) + len(parts) - 1 > INNER_PATH_MAX_BYTES:
            raise Invalid("storage.inner_path_long", INNER_NAME_MAX_BYTES, INNER_PATH_MAX_BYTES)
        if len(parts) > INNER_PATH_DEPTH_MAX:
            raise Invalid("storage.inner_path_deep", INNER_PATH_DEPTH_MAX)
        return cls(parts)

    def __str__(self) -> str:
        return "/".join(self.parts)

"""Where a volume may appear inside a container."""

import re
from typing import Final

from townos.errors import Invalid
from townos.limits import MOUNTPOINT_MAX_CHARS

_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f:,]")
"""A colon or comma would begin the options of podman's `-v`."""


def check_mountpoint(text: str) -> str:
    """Return an absolute path that is no root and has no `..`. Raises `Invalid`."""
    parts = text.split("/")[1:]
    if not text.startswith("/") or not any(parts) or ".." in parts or "." in parts:
        raise Invalid("package.mountpoint", text)
    if _FORBIDDEN.search(text) or len(text) > MOUNTPOINT_MAX_CHARS:
        raise Invalid("package.mountpoint", text)
    return "/" + "/".join(part for part in parts if part)

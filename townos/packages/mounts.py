"""Paths that a manifest names: where a volume appears, and what is inside an image or a volume."""

import re
from typing import Final

from townos.errors import Invalid
from townos.limits import MOUNTPOINT_MAX_CHARS
from townos.texts import CONTROL

_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
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


def check_inner_path(text: str) -> str:
    """Return a relative path of a file that stays inside its volume. Raises `Invalid`."""
    if {"", ".", ".."} & set(text.split("/")) or CONTROL.search(text) or len(text) > MOUNTPOINT_MAX_CHARS:
        raise Invalid("package.inner_path", text)
    return text


def check_archive_name(text: str) -> str:
    """Return the name of an archive file; nothing is none. Raises `Invalid`."""
    if text and _FILE.fullmatch(text) is None:
        raise Invalid("package.archive", text)
    return text

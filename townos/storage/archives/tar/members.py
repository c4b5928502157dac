"""What an archive holds, once it is read: members with clean names."""

from dataclasses import dataclass
from enum import Enum

from townos.errors import Invalid, Malformed
from townos.i18n import Term
from townos.limits import ARCHIVE_COMPONENT_MAX_BYTES, ARCHIVE_NAME_SHOWN_CHARS, ARCHIVE_PATH_MAX_BYTES

Path = tuple[bytes, ...]
"""The names on the way to a member, none of them `.` or `..`; of none the directory that is unpacked into.

Names of files are bytes, and whatever they are in the archive they are in the volume: old ones are in Latin-1.
"""


class Kind(Enum):
    """What is made of a member. A FIFO is none: it holds no data, and the program that needs it makes it anew."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARD_LINK = "hard link"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True)
class Member:
    """One member. Sizes are in bytes, `mtime` in seconds since 1970."""

    path: Path
    kind: Kind
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    link: bytes = b""
    """A symbolic link's target, as it is; a hard link's, relative to the directory that is unpacked into."""


def clean_path(name: bytes) -> Path:
    """Return the path that a name in the archive means.

    Raises `Invalid` for an absolute name, one with `..`, and one that no file can have.
    """
    if name.startswith(b"/"):
        raise refused("archive.absolute", name)
    path = tuple(part for part in name.split(b"/") if part not in {b"", b"."})
    if b".." in path:
        raise refused("archive.parent", name)
    if len(name) > ARCHIVE_PATH_MAX_BYTES or any(len(part) > ARCHIVE_COMPONENT_MAX_BYTES for part in path):
        raise refused("archive.name_too_long", name)
    return path


def refused(code: str, name: bytes, *params: object) -> Invalid:
    """Return the error of a member that must not be unpacked; it names the member."""
    return Invalid.at("archive", code, shown(name), *params)


def invalid_tar(reason: str) -> Malformed:
    """Return the error of a stream that is no whole tar archive; `reason` is a key below `archive.tar`."""
    return Malformed.at("archive", "archive.invalid_tar", Term(f"archive.tar.{reason}"))


def shown(name: bytes) -> str:
    """Return a member's name for people; bytes that are no text as escapes."""
    text = name.decode(errors="backslashreplace")
    return text if len(text) <= ARCHIVE_NAME_SHOWN_CHARS else f"{text[:ARCHIVE_NAME_SHOWN_CHARS]}…"

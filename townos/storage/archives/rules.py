"""Which members may be unpacked: none leads out of the volume, and all together stay within the limits.

A tree of names mirrors what gets unpacked. In it the directories are those that the archive made, never links, so a
member whose way leads through anything else is refused, and `tar` can be led nowhere.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, Union

from townos.errors import Forbidden, Invalid
from townos.i18n import Bytes
from townos.limits import ARCHIVE_DEPTH_MAX, ARCHIVE_PATH_MAX_BYTES
from townos.storage.archives.tar.members import Kind, Member, Path, clean_path, refused
from townos.storage.space.guard import Room

Tree: TypeAlias = dict[bytes, Union["Tree", Kind]]

_KEPT_AS: Final = {Kind.FILE: Kind.FILE, Kind.HARD_LINK: Kind.FILE, Kind.SYMLINK: Kind.SYMLINK}


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may take.

    `bytes` is of all content, unpacked; `members` counts what is made, with the directories that are only part of a
    name; `seconds` is the time for all of it. `room` is what there was on the disk before.
    """

    bytes: int
    members: int
    seconds: float
    room: Room | None = None


class Rules:
    """Judges one archive's members, in their order."""

    def __init__(self, limits: ArchiveLimits, depth: int = 0) -> None:
        """`depth` is how many directories below the volume's own the archive is unpacked."""
        self._limits = limits
        self._depth = depth
        self._tree: Tree = {}
        self.bytes = 0
        self.members = 0

    def count_bytes(self, count: int) -> None:
        """Take note of content that is to come. Raises `Forbidden` for too much, `NoSpace` when it cannot fit."""
        self.bytes += count
        if self.bytes > self._limits.bytes:
            raise Forbidden.at("archive", "archive.unpacked_too_large", Bytes(self._limits.bytes))
        if self._limits.room is not None:
            self._limits.room.require(self.bytes)

    def admit(self, member: Member) -> None:
        """Raise `Invalid` for a member that must not be unpacked, and `Forbidden` for one that is too much."""
        if len(member.path) > ARCHIVE_DEPTH_MAX:
            raise _refused("archive.too_deep", member, ARCHIVE_DEPTH_MAX)
        self.count_bytes(member.size)
        if member.kind is Kind.FIFO or not member.path:
            return self._count_member()
        if member.kind is Kind.SYMLINK:
            self._check_symlink(member)
        elif member.kind is Kind.HARD_LINK:
            self._check_hard_link(member)
        return self._place(member)

    def _count_member(self) -> None:
        self.members += 1
        if self.members > self._limits.members:
            raise Forbidden.at("archive", "archive.too_many_members", self._limits.members)

    def _check_symlink(self, member: Member) -> None:
        """Refuse a target that leads out of the volume, whatever other links there are.

        The way up comes first in a target, and from the link's own directory, which is a real one: so it ends at a real
        directory. From there it goes down only, where every link that it meets obeys this rule too.
        """
        if not member.link or b"\0" in member.link or len(member.link) > ARCHIVE_PATH_MAX_BYTES:
            raise _refused("archive.link_invalid", member)
        parts = [part for part in member.link.split(b"/") if part not in {b"", b"."}]
        ups = parts.count(b"..")
        if member.link.startswith(b"/") or ups > self._depth + len(member.path) - 1:
            raise _refused("archive.link_outside", member)
        if b".." in parts[ups:]:
            raise _refused("archive.link_winding", member)

    def _check_hard_link(self, member: Member) -> None:
        target = clean_path(member.link)
        if self._find(target) is not Kind.FILE:
            raise _refused("archive.link_to_nothing", member)

    def _find(self, path: Path) -> "Tree | Kind | None":
        at: Tree | Kind | None = self._tree
        for part in path:
            at = at.get(part) if isinstance(at, dict) else None
        return at

    def _place(self, member: Member) -> None:
        directory = self._tree
        for part in member.path[:-1]:
            below = directory.get(part)
            if below is None:
                self._count_member()
                below = directory[part] = {}
            if not isinstance(below, dict):
                raise _refused("archive.through_link", member)
            directory = below
        there = directory.get(member.path[-1])
        made: Tree | Kind = {} if member.kind is Kind.DIRECTORY else _KEPT_AS[member.kind]
        if there is None:
            directory[member.path[-1]] = made
        elif isinstance(there, dict) is not isinstance(made, dict) or (isinstance(there, Kind) and there is not made):
            raise _refused("archive.changes_kind", member)
        self._count_member()


def _refused(code: str, member: Member, *params: object) -> Invalid:
    return refused(code, b"/".join(member.path), *params)

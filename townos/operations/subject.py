"""What operations work on."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What one operation works on, written `repo/name@version`: a package, a volume or a VM image.

    The three names are those of the wire and of the table `operations`. This room does not look into them.
    """

    repo: str
    name: str
    version: str

    def excludes(self, other: "Subject") -> bool:
        """Tell whether only one of the two can be worked on at a time: two versions of one thing are one thing."""
        return self.unversioned == other.unversioned

    @property
    def unversioned(self) -> str:
        """The subject without its version: `repo/name`."""
        return f"{self.repo}/{self.name}"

    def __str__(self) -> str:
        return f"{self.unversioned}@{self.version}"


RequireIdle = Callable[[Subject], None]
"""Raises `Conflict` while an operation works on a subject."""

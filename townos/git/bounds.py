"""How much a repository may be."""

from dataclasses import dataclass
from typing import Final

from townos.limits import (
    GIT_RECEIVED_MAX_BYTES,
    GIT_RECEIVED_MAX_OBJECTS,
    GIT_TREE_MAX_BYTES,
    GIT_TREE_MAX_ENTRIES,
    GIT_VOLUME_RECEIVED_MAX_BYTES,
    GIT_VOLUME_RECEIVED_MAX_OBJECTS,
    GIT_VOLUME_TREE_MAX_BYTES,
    GIT_VOLUME_TREE_MAX_ENTRIES,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one conversation may bring, and what one commit may hold. The defaults are for package repositories.

    Eight objects of a few hundred bytes can stand for a million files, so the one says nothing about the other.
    """

    received_bytes: int = GIT_RECEIVED_MAX_BYTES
    received_objects: int = GIT_RECEIVED_MAX_OBJECTS
    tree_entries: int = GIT_TREE_MAX_ENTRIES
    tree_bytes: int = GIT_TREE_MAX_BYTES
    submodules: bool = True
    """Whether a directory may stand for another repository; what is in that is never fetched."""


VOLUME_BOUNDS: Final = Bounds(
    GIT_VOLUME_RECEIVED_MAX_BYTES,
    GIT_VOLUME_RECEIVED_MAX_OBJECTS,
    GIT_VOLUME_TREE_MAX_ENTRIES,
    GIT_VOLUME_TREE_MAX_BYTES,
    submodules=False,
)
"""For the content of a volume, such as a web site with its pictures.

libgit2 opens whatever repository it finds where a submodule belongs, with all its settings, and whoever writes into the
volume could have put it there. Without its submodules, the content would be incomplete anyway.
"""

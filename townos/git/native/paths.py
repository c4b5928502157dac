"""Which names a tree of files may hold: none that leads out of it or into the repository's own directory.

A tree object can hold any name, and libgit2 refuses a bad one only when it is about to write that file.
"""

import re
from typing import Final

from townos.git.errors import GitRefused
from townos.git.native.failures import cleaned

_IGNORED: Final = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")  # in names, by HFS+
_OWN: Final = frozenset({".git", "git~1"})  # the second is FAT's short form of the first


def check_name(name: str) -> None:
    """Raise `GitRefused` for a name that no file of a tree may have, `.git` as other systems spell it included."""
    plain = _IGNORED.sub("", name).partition(":")[0].rstrip(" .").lower()
    if name in {"", ".", ".."} or "/" in name or "\0" in name or plain in _OWN:
        raise GitRefused("git.entry_name", cleaned(name))


def components(path: str) -> list[str]:
    """Return the names that a path inside a tree is made of. Raises `GitRefused`."""
    names = path.split("/")
    for name in names:
        check_name(name)
    return names


def is_inside(path: str) -> bool:
    """Say whether a path is one of a file inside the tree."""
    try:
        components(path)
    except GitRefused:
        return False
    return True

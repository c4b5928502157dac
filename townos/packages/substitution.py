"""`@name@` markers and the values that take their place.

A value is inserted as it is and never looked at again, so an answer cannot bring markers of its own. Markers of unknown
names stay as they are.

Each text is looked through once, however many values there are: its author may be a stranger. For the same reason what
is made is bounded while it is made: a marker of three characters may stand for an answer of many thousands.
"""

from collections.abc import Mapping
from typing import Final

from townos.errors import Invalid
from townos.limits import SUBSTITUTED_MAX_CHARS

LOCAL_EXTERNAL_HOST: Final = "LOCAL_EXTERNAL_HOST"
LOCAL_INTERNAL_HOST: Final = "LOCAL_INTERNAL_HOST"


class Room:
    """How many characters there may still be in the fields of a package together."""

    def __init__(self, characters: int = SUBSTITUTED_MAX_CHARS) -> None:
        self._characters = characters
        self._left = characters

    def check(self, characters: int) -> None:
        """Raise `Invalid` if a field of this length does not fit in."""
        if characters > self._left:
            raise Invalid("package.substituted", self._characters)

    def take(self, characters: int) -> None:
        """Put a field in. Raises `Invalid`; then there is room for a shorter one still."""
        self.check(characters)
        self._left -= characters


def may_have_markers(text: str) -> bool:
    """Tell whether an answer may change a field: a marker has a sign at both ends."""
    return text.count("@") >= 2


def substitute(text: str, values: Mapping[str, str], room: Room | None = None) -> str:
    """Replace the markers of a field. Raises `Invalid` when there is no room for the outcome."""
    return _replaced(text, values, room or Room(), literals=False)


def substitute_note(text: str, values: Mapping[str, str], room: Room | None = None) -> str:
    """Replace the markers of a note, where `@@` is a literal `@`. Raises `Invalid` when there is no room for it.

    What follows a literal `@` may be a marker with its own leading `@` or without one: `git@@host@` and `git@@@host@`
    both give `git@` and the value of `host`.
    """
    return _replaced(text, values, room or Room(), literals=True)


def _replaced(text: str, values: Mapping[str, str], room: Room, *, literals: bool) -> str:
    parts: list[str] = []
    length = position = 0
    while (sign := text.find("@", position)) >= 0:
        before = text[position:sign]
        read = _literal if literals and text.startswith("@@", sign) else _marker
        part, position = read(text, sign, values)
        parts += (before, part)
        length += len(before) + len(part)
        room.check(length)
    rest = text[position:]
    room.take(length + len(rest))
    return "".join(parts) + rest


def _marker(text: str, sign: int, values: Mapping[str, str]) -> tuple[str, int]:
    """Return what stands for the marker that begins at `sign`, and where it ends; an unknown one is only its `@`."""
    end = text.find("@", sign + 1)
    value = values.get(text[sign + 1 : end]) if end > sign else None
    return ("@", sign + 1) if value is None else (value, end + 1)


def _literal(text: str, sign: int, values: Mapping[str, str]) -> tuple[str, int]:
    """Return what stands for the `@@` at `sign` with the marker that may follow it, and where that ends."""
    for inner in (sign + 2, sign + 1):
        if text.startswith("@", inner):
            value, end = _marker(text, inner, values)
            if end > inner + 1:
                return f"@{value}", end
    return "@", sign + 2

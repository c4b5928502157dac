"""`@name@` markers and the values that take their place.

A value is inserted as it is and never looked at again, so an answer cannot bring markers of its own. Markers of unknown
names stay as they are.

Each text is looked through once, however many values there are: its author may be a stranger.
"""

from collections.abc import Mapping
from typing import Final

LOCAL_EXTERNAL_HOST: Final = "LOCAL_EXTERNAL_HOST"
LOCAL_INTERNAL_HOST: Final = "LOCAL_INTERNAL_HOST"


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace the markers of a field."""
    return _replaced(text, values, literals=False)


def substitute_note(text: str, values: Mapping[str, str]) -> str:
    """Replace the markers of a note, where `@@` is a literal `@`.

    What follows a literal `@` may be a marker with its own leading `@` or without one: `git@@host@` and `git@@@host@`
    both give `git@` and the value of `host`.
    """
    return _replaced(text, values, literals=True)


def _replaced(text: str, values: Mapping[str, str], *, literals: bool) -> str:
    parts: list[str] = []
    position = 0
    while (sign := text.find("@", position)) >= 0:
        parts.append(text[position:sign])
        read = _literal if literals and text.startswith("@@", sign) else _marker
        part, position = read(text, sign, values)
        parts.append(part)
    return "".join(parts) + text[position:]


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

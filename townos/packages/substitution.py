"""`@name@` markers and the values that take their place.

A value is inserted as it is and never looked at again, so an answer cannot bring markers of its own. Markers of unknown
names stay as they are.
"""

import re
from collections.abc import Mapping
from typing import Final

LOCAL_EXTERNAL_HOST: Final = "LOCAL_EXTERNAL_HOST"
LOCAL_INTERNAL_HOST: Final = "LOCAL_INTERNAL_HOST"


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace the markers of a field."""
    if "@" not in text or not values:
        return text
    return re.sub(f"@({_any_of(values)})@", lambda match: values[match[1]], text)


def substitute_note(text: str, values: Mapping[str, str]) -> str:
    """Replace the markers of a note, where `@@` is a literal `@`.

    What follows a literal `@` may be a marker with its own leading `@` or without one: `git@@host@` and `git@@@host@`
    both give `git@` and the value of `host`.
    """
    if "@" not in text:
        return text
    known = f"({_any_of(values)})@" if values else "(?!)()"
    return re.sub(f"@@(?:@?{known})?|@{known}", lambda match: _note_part(match, values), text)


def _note_part(match: re.Match[str], values: Mapping[str, str]) -> str:
    if match[0].startswith("@@"):
        return "@" + (values[match[1]] if match[1] else "")
    return values[match[2]]


def _any_of(values: Mapping[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(values, key=len, reverse=True))

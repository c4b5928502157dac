"""Notes: what a person should know after an installation, with the answers put in."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from townos.errors import FieldError, Invalid
from townos.packages.manifest import Note
from townos.packages.substitution import Room, substitute_note
from townos.texts import CONTROL_BUT_BREAKS, is_email

_PHONE: Final = re.compile(r"\+?[0-9][0-9 .()\-]*")


def compile_notes(notes: Mapping[str, Note], values: Mapping[str, str], room: Room | None = None) -> dict[str, str]:
    """Return the notes' texts. Raises `Invalid` with one field for each that does not fit its type or gets too long."""
    room = room or Room()
    compiled: dict[str, str] = {}
    errors: list[FieldError] = []
    for name, note in notes.items():
        try:
            compiled[name] = _compiled(note, values, room)
        except Invalid as error:
            errors.append(FieldError(f"notes.{name}", error.code, error.params))
    if errors:
        raise Invalid("package.notes", len(errors), fields=errors)
    return compiled


def _compiled(note: Note, values: Mapping[str, str], room: Room) -> str:
    text = substitute_note(note.value, values, room)
    if not _fits(note.type, text):
        raise Invalid("package.note_value", note.type or "text", text)
    return text


def _fits(kind: str, text: str) -> bool:
    if CONTROL_BUT_BREAKS.search(text):
        return False
    match kind:
        case "url":
            return _is_url(text)
        case "email":
            return is_email(text)
        case "phone":
            return _PHONE.fullmatch(text) is not None
        case _:
            return True


def _is_url(text: str) -> bool:
    """Accept what may become a link: a scheme that cannot run script, and a host."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and not re.search(r"\s", text) and parts.scheme.lower() != "javascript"

"""Texts about the journal."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "journal.bad_cursor": "not a valid cursor",
    "journal.bad_parameter": "invalid %s parameter: %s",
    "journal.ended": "reading the journal ended unexpectedly",
    "journal.too_many_followers": "%d logs are already being followed; try again later",
    "journal.timeout": "searching the journal took longer than %s",
}

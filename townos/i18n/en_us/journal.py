"""Texts about the journal."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "journal.bad_cursor": "the cursor is none of the journal's",
    "journal.bad_parameter": "invalid %s parameter: %s",
    "journal.ended": "the journal's reader ended",
    "journal.too_many_followers": "%d logs are being followed already; try again later",
    "journal.timeout": "the search of the journal took longer than %s seconds",
}

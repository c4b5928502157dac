"""Texts about child processes and the database."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "process.timeout": "%s did not finish within %s",
    "process.missing": "the program %s is not installed",
    "process.output_too_large": "%s printed more than %s",
    "database.broken": "the database can no longer be used",
    "database.newer": "the database was written by a newer Town OS (schema %d; this version knows %d)",
    "database.busy": "the database is busy; try again in a moment",
    "database.full": "there is no space left for the database",
}

"""Texts about child processes and the database."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "process.timeout": "%s did not finish within %s seconds",
    "process.missing": "the program %s is not installed",
    "process.output_too_large": "%s printed more than %d bytes",
    "database.broken": "the database cannot be used any more",
    "database.newer": "the database was written by a newer Town OS (schema %d, this one knows %d)",
    "database.busy": "the database is busy; try again in a moment",
    "database.full": "no space is left for the database",
}

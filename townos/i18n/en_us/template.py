"""Texts about templates."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "template.data": "the data must be an object with Responses, Package and System",
    "template.data_name": "%s is nothing that templates see, or no text",
    "template.json": "%s is no JSON: %s",
    "template.line": "line %d has no template",
    "template.unreadable": "%s cannot be read: %s",
}

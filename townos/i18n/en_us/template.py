"""Texts about templates."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "template.data": "the data must be an object with Responses, Package and System",
    "template.data_name": "%s is not available to templates, or is not text",
    "template.all_seconds": "the templates of the package take more than %s in total",
    "template.depth": "templates are nested more than %d levels deep",
    "template.invalid": "line %d, character %d of the template: %s",
    "template.json": "%s is not valid JSON: %s",
    "template.line": "line %d has no template",
    "template.output": "the template produces more than %s",
    "template.seconds": "the template takes more than %s",
    "template.text": "the template produces more than %s of text while it runs",
    "template.unreadable": "%s cannot be read: %s",
}

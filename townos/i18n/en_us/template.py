"""Texts about templates."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "template.data": "the data must be an object with Responses, Package and System",
    "template.data_name": "%s is not available to templates, or is not text",
    "template.all_seconds": "the templates of the package take more than %v seconds in total",
    "template.depth": "templates are nested more than %v levels deep",
    "template.invalid": "line %d, character %d of the template: %s",
    "template.json": "%s is not valid JSON: %s",
    "template.line": "line %d has no template",
    "template.output": "the template produces more than %v bytes",
    "template.seconds": "the template takes more than %v seconds",
    "template.text": "the template produces more than %v bytes of text while it runs",
    "template.unreadable": "%s cannot be read: %s",
}

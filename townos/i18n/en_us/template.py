"""Texts about templates."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "template.data": "the data must be an object with Responses, Package and System",
    "template.data_name": "%s is nothing that templates see, or no text",
    "template.all_seconds": "the templates of the package together take more than %v seconds",
    "template.depth": "more than %v templates are within one another",
    "template.invalid": "line %d, character %d of the template: %s",
    "template.json": "%s is no JSON: %s",
    "template.line": "line %d has no template",
    "template.output": "the template gives more than %v bytes",
    "template.seconds": "the template takes more than %v seconds",
    "template.text": "the template makes more than %v bytes of text while it runs",
    "template.unreadable": "%s cannot be read: %s",
}

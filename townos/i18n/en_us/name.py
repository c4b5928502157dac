"""Texts about names."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "name.empty": "%s is required",
    "name.too_long": "%s is longer than %d characters",
    "name.invalid": "%s %q is not allowed: use letters, digits, dots, dashes and underscores",
    "name.reserved": "%s %q is reserved",
    "name.suffix": "%s %q must end in %s",
    "name.kind.archive": "archive name",
    "name.kind.package": "package name",
    "name.kind.repository": "repository name",
    "name.kind.template": "template name",
    "name.kind.unit": "unit name",
    "name.kind.user": "username",
    "name.kind.version": "version",
    "name.kind.vm_image": "VM image name",
    "name.kind.volume": "volume name",
}

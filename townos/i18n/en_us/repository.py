"""Texts about package repositories and their packages."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "repository.both_credentials": "both username and password must be provided together",
    "repository.exists": "repository %s already exists",
    "repository.featured_unreadable": "featured.json is not a list of package names",
    "repository.file_unreadable": "%s cannot be read; repair or delete it",
    "repository.locked": "another process is changing the repositories",
    "repository.manifest_missing": "the manifest of %s is gone",
    "repository.manifest_too_large": "%s is larger than %s",
    "repository.manifest_unreadable": "%s cannot be read: %s",
    "repository.mistake": "line %d: %s: %s",
    "repository.more_problems": "and %d more",
    "repository.not_found": "repository %s not found",
    "repository.package_not_found": "package not found: %s",
    "repository.problem": "%s: %s",
    "repository.too_many": "the repository %s has more than %d packages; the rest is ignored",
    "repository.version_not_found": "package not found: version %s of %s",
}

"""Texts about package repositories and their packages."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "repository.both_credentials": "give both a username and a password, or neither",
    "repository.exists": "a repository named %q exists already",
    "repository.featured_unreadable": "featured.json is not a list of package names",
    "repository.file_unreadable": "%s cannot be read; repair or remove it",
    "repository.locked": "another program is changing the repositories",
    "repository.manifest_missing": "the manifest of %s is gone",
    "repository.manifest_too_large": "%s is larger than %d bytes",
    "repository.manifest_unreadable": "%s cannot be read: %s",
    "repository.mistake": "line %d: %s: %s",
    "repository.more_problems": "and %d more",
    "repository.not_found": "there is no repository named %q",
    "repository.package_not_found": "there is no package named %q",
    "repository.problem": "%s: %s",
    "repository.too_many": "the repository %s has more than %d packages; the rest is left out",
    "repository.version_not_found": "there is no version %s of the package %q",
}

"""Texts of the author's `townos check`."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "check.no_repository": "%s is neither a directory that contains %s nor the .yaml file of a package",
    "check.misspelt": "unknown key; did you mean %s?",
    "check.unknown_key": "this version of Town OS does not know this key",
    "check.no_description": "missing: people will not know what this package is",
    "check.no_query": "missing: people will not know what to answer",
    "check.latest": "%s may be a different image tomorrow: name a version",
    "check.container_only": "only containers have this key: it is ignored for a virtual machine",
    "check.filled_twice": "more than one source fills this volume: only the first one that is available counts",
    "check.unused": "this answer is not used anywhere",
    "check.unknown_marker": "there is no question %q: its placeholder is not replaced",
    "check.marker_in_command": "placeholders in a command are not replaced: %q stays as it is",
    "check.same_version": "%s and %s are the same version",
    "check.featured": "there is no package %q",
}

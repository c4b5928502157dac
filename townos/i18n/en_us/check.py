"""Texts of the author's `townos check`."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "check.no_repository": "%s is neither a directory with %s in it nor the .yaml file of a package",
    "check.misspelt": "means nothing here; was it meant to be %s?",
    "check.unknown_key": "means nothing to this version of Town OS",
    "check.no_description": "there is none: people will not know what this package is",
    "check.no_query": "there is none: people will not know what to answer",
    "check.latest": "%s may be another one tomorrow: name a version",
    "check.container_only": "only containers have it: it is left out of a virtual machine",
    "check.filled_twice": "more than one thing fills this volume: only the first that can be had counts",
    "check.unused": "the answer is used nowhere",
    "check.unknown_marker": "there is no question %q: its marker stays as it is",
    "check.marker_in_command": "answers are not put into commands: the marker of %q stays as it is",
    "check.same_version": "%s and %s are the same version",
    "check.featured": "there is no package %q",
}

"""`townos check`: whether every package of a repository can be installed, before anybody tries."""

import argparse
import sys
from typing import Final

from townos.author.repositories import check_path

REFUSED: Final = 1
"""The exit status for a repository that has something wrong in it; warnings do not count."""


def check(arguments: argparse.Namespace) -> int:
    """Carry out the command and return the exit status. Raises `TownError` for a path that is no repository."""
    manifests = errors = warnings = 0
    for number, findings in check_path(arguments.path):
        manifests += number
        for finding in findings:
            warnings += finding.is_warning
            errors += not finding.is_warning
            sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"manifests: {manifests}, errors: {errors}, warnings: {warnings}\n")
    return REFUSED if errors else 0

"""Runs before the program each time it starts from the zipapp: the service removes what older versions had unpacked.

Every version unpacks into a directory of its own beside the others, some 60 MB each, and nobody else removes them.
shiv hands this script `site_packages`, the directory inside the one in use.
"""

import shutil
import sys
from pathlib import Path


def remove_older(in_use: Path) -> None:
    """Remove the directories of other builds of the same file."""
    for other in in_use.parent.glob(f"{in_use.name.rpartition('_')[0]}_*"):
        if other != in_use and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)


# Only the service may: another command of a newer file must not take the directory that a running service imports from.
if sys.argv[1:2] == ["serve"]:
    remove_older(Path(globals()["site_packages"]).parent)

"""Build the web page: `web/dist` from the sources in `web/`, with the Node that the virtual environment has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fresh import CHECKOUT, Stamp, tree

WEB: Final = CHECKOUT / "web"
DIST: Final = WEB / "dist"


API_TYPES: Final = WEB / "tools" / "api-types"
"""What writes the page's types; apart from the page, because it needs an older TypeScript."""


def install() -> None:
    """Install the locked packages of the web page and of its tool, each if its lock changed."""
    _install("web-modules", WEB)
    _install("api-types-modules", API_TYPES)


def _install(name: str, place: Path) -> None:
    modules = place / "node_modules"
    stamp = Stamp(name, modules / ".package-lock.json", [place / "package.json", place / "package-lock.json"])
    if not stamp.fresh():
        # Not `npm ci`: it refuses a lock that leaves out the optional packages of other platforms, as this one does.
        shutil.rmtree(modules, ignore_errors=True)
        npm("install", "--no-save", "--no-audit", "--no-fund", place=place)
        stamp.built()


def build() -> None:
    """Build `web/dist` if its sources changed."""
    install()
    stamp = Stamp("web-dist", DIST / "index.html", tree(WEB, without=("node_modules", "dist", "tools")))
    if not stamp.fresh():
        shutil.rmtree(DIST, ignore_errors=True)
        npm("run", "build")
        stamp.built()


def npm(*arguments: str, place: Path = WEB) -> None:
    """Run npm in `web/` or elsewhere; its output goes to standard error."""
    _run(["npm", *arguments], place)


def _run(argv: Sequence[str], place: Path) -> None:
    search = f"{CHECKOUT / '.venv/bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "CI": "true"}
    program = shutil.which(argv[0], path=search) or argv[0]
    done = subprocess.run(
        [program, *argv[1:]], cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=2, check=False
    )
    if done.returncode:
        sys.exit(f"web: {' '.join(argv)} failed")


if __name__ == "__main__":
    {"install": install, "build": build}[sys.argv[1]]()

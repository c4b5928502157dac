"""Build the web page: `web/dist` from the sources in `web/`, with the Node that the virtual environment has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from fresh import CHECKOUT, Stamp, tree

WEB: Final = CHECKOUT / "web"
DIST: Final = WEB / "dist"


def install() -> None:
    """Install the locked packages of the web page if the lock changed."""
    modules = WEB / "node_modules"
    stamp = Stamp("web-modules", modules / ".package-lock.json", [WEB / "package.json", WEB / "package-lock.json"])
    if not stamp.fresh():
        # Not `npm ci`: it refuses a lock that leaves out the optional packages of other platforms, as this one does.
        shutil.rmtree(modules, ignore_errors=True)
        npm("install", "--no-save", "--no-audit", "--no-fund")
        stamp.built()


def build() -> None:
    """Build `web/dist` if its sources changed."""
    install()
    stamp = Stamp("web-dist", DIST / "index.html", tree(WEB, without=("node_modules", "dist")))
    if not stamp.fresh():
        shutil.rmtree(DIST, ignore_errors=True)
        npm("run", "build")
        stamp.built()


def npm(*arguments: str) -> None:
    """Run npm in `web/`; its output goes to standard error."""
    _run(["npm", *arguments])


def _run(argv: Sequence[str]) -> None:
    search = f"{CHECKOUT / '.venv/bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "CI": "true"}
    program = shutil.which(argv[0], path=search) or argv[0]
    done = subprocess.run(
        [program, *argv[1:]], cwd=WEB, env=environment, stdin=subprocess.DEVNULL, stdout=2, check=False
    )
    if done.returncode:
        sys.exit(f"web: {' '.join(argv)} failed")


if __name__ == "__main__":
    {"install": install, "build": build}[sys.argv[1]]()

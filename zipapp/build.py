"""Build `dist/townos.pyz`: the program, its libraries and its web page in one file that Python runs.

The same checkout gives the same bytes. Libraries come as the wheels for the oldest C library we support, whatever this
machine has, so that the file runs on Debian 11 and newer.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import webpage
from fresh import CHECKOUT, Stamp, tree

TARGET: Final = CHECKOUT / "dist" / "townos.pyz"
ENTRY: Final = "townos.__main__:main"
SHEBANG: Final = "/usr/bin/env python3.11"
PYTHON: Final = "3.11"
GLIBC_FLOORS: Final = ("2_28", "2_27", "2_24", "2_17", "2_12", "2_5")
_LOCK: Final = CHECKOUT / "requirements.lock"
_HERE: Final = Path(__file__).resolve().parent


def main() -> None:
    """Build what is stale. A path as the only argument builds there, whatever is fresh."""
    build_lock = CHECKOUT / ".cache" / "zipapp.lock"
    build_lock.parent.mkdir(exist_ok=True)
    with build_lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        webpage.build()
        if len(sys.argv) == 2:
            _build(Path(sys.argv[1]))
            return
        stamp = Stamp("zipapp", TARGET, _inputs())
        if not stamp.fresh():
            _build(TARGET)
            stamp.built()


def _inputs() -> list[Path]:
    program = tree(CHECKOUT / "townos", without=("__pycache__", "ui"))
    return [*program, *tree(webpage.DIST), *tree(_HERE, without=("__pycache__",)), _LOCK]


def _build(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        site = Path(scratch, "site")
        shutil.copytree(_libraries(), site)
        _add_program(site)
        partial = Path(scratch, target.name)
        _shiv(site, partial)
        partial.replace(target)


def _libraries() -> Path:
    """Return a directory with the locked libraries, downloaded again only when the lock changed."""
    libraries = CHECKOUT / ".cache" / "zipapp-libraries"
    stamp = Stamp("zipapp-libraries", libraries, [_LOCK])
    if not stamp.fresh():
        shutil.rmtree(libraries, ignore_errors=True)
        _pip(libraries)
        # Console scripts name this machine's interpreter; nothing in the zipapp runs them.
        shutil.rmtree(libraries / "bin", ignore_errors=True)
        for record in libraries.glob("*.dist-info/RECORD"):
            kept = [line for line in record.read_text().splitlines(keepends=True) if not line.startswith("../../bin/")]
            record.write_text("".join(kept))
        stamp.built()
    return libraries


def _pip(libraries: Path) -> None:
    machine = platform.machine()
    platforms = [f"--platform=manylinux_{floor}_{machine}" for floor in GLIBC_FLOORS]
    older = [f"--platform={name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1")]
    install = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-compile", "--require-hashes"]
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}", *platforms, *older]
    _run([*install, *wheels, f"--target={libraries}", f"--requirement={_LOCK}"])


def _add_program(site: Path) -> None:
    program = site / "townos"
    shutil.copytree(CHECKOUT / "townos", program, ignore=shutil.ignore_patterns("__pycache__", "ui"))
    shutil.copytree(webpage.DIST, program / "ui")


def _shiv(site: Path, target: Path) -> None:
    command = [sys.executable, "-m", "shiv", f"--entry-point={ENTRY}", f"--output-file={target}", f"--python={SHEBANG}"]
    options = ["--compressed", "--compile-pyc", "--reproducible", f"--preamble={_HERE / 'preamble.py'}"]
    _run([*command, *options, f"--site-packages={site}"])


def _run(argv: Sequence[str]) -> None:
    """Run a build tool; what it says goes to standard error, and it sees no setting that changes compiled files."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONHASHSEED"] = "0"
    subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stdout=2, check=True)


if __name__ == "__main__":
    main()

"""Builds dist/townos.pyz: the program, its libraries and the built web page in one executable, reproducibly.

Libraries come as wheels for glibc 2.28 and later, so that the executable also runs on older systems than this one.
`python zipapp/build.py OUTPUT` expects the web page in web/dist.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = "3.11"
# A constant time in the archive, and byte code that is checked by hash and not by time, make equal input equal output.
SOURCE_DATE_EPOCH: Final = "1767225600"


def build(output: Path) -> None:
    """Write the executable, replacing an older one by a rename: a running one keeps its file."""
    web = ROOT / "web" / "dist"
    if not (web / "index.html").is_file():
        raise SystemExit("web/dist is missing: run `make web` first")
    with tempfile.TemporaryDirectory(prefix="townos-build-") as staging:
        site = Path(staging) / "site-packages"
        install_libraries(site)
        shutil.copytree(ROOT / "townos", site / "townos", ignore=shutil.ignore_patterns("__pycache__", "ui"))
        shutil.copytree(web, site / "townos" / "ui")
        level(site)
        made = Path(staging) / "townos.pyz"
        pack(site, made)
        output.parent.mkdir(parents=True, exist_ok=True)
        fresh = output.with_suffix(".new")
        shutil.copyfile(made, fresh)
        fresh.chmod(0o755)
        fresh.rename(output)


def install_libraries(site: Path) -> None:
    """Install exactly the locked libraries."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    target = ["--target", str(site), "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    floor = f"--platform=manylinux_2_28_{platform.machine()}"
    older = f"--platform=manylinux2014_{platform.machine()}"
    lock = ["--require-hashes", "--no-deps", "-r", str(ROOT / "requirements.lock")]
    run([*pip, *target, floor, older, *lock])


def level(site: Path) -> None:
    """Remove what differs between two installations of the same files: scripts with paths, records, modes."""
    shutil.rmtree(site / "bin", ignore_errors=True)
    for record in [*site.glob("*.dist-info/RECORD"), *site.glob("*.dist-info/direct_url.json")]:
        record.unlink()
    for path in sorted(site.rglob("*")):
        executable = path.is_dir() or path.suffix == ".so" or ".so." in path.name
        path.chmod(0o755 if executable else 0o644)


def pack(site: Path, output: Path) -> None:
    """Make the archive."""
    shiv = [sys.executable, "-m", "shiv", "--reproducible", "--compressed", "--compile-pyc"]
    preamble = ["--preamble", str(ROOT / "zipapp" / "preamble.py")]
    entry = ["--entry-point", "townos.__main__:main", "--python", f"/usr/bin/env python{PYTHON}"]
    run([*shiv, *preamble, *entry, "--site-packages", str(site), "--output-file", str(output)])


def run(argv: list[str]) -> None:
    """Run one step; it says itself what went wrong."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "PYTHONHASHSEED": "0"}
    if status := subprocess.run(argv, env=environment, check=False).returncode:
        raise SystemExit(f"{argv[2]} failed with status {status}")


if __name__ == "__main__":
    build(Path(sys.argv[1]))

"""The parts a bed is assembled from, built once and shared by all beds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bed import cache, child, imageroots, rootfs
from tests.bed.options import Options
from tests.bed.places import CACHE, CHECKOUT, ZIPAPP, BedError
from tests.bed.terminal import Say

_PROGRAMS: Final = (
    "mmdebstrap",
    "systemd-nspawn",
    "mkfs.btrfs",
    "ip",
    "nsenter",
    "unshare",
    "setsid",
    "losetup",
    "tar",
)
_EXTRACTED: Final = "var/cache/town-os"
"""Where the service's unit tells the zipapp to unpack itself."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Directories for the overlay, topmost first."""

    layers: tuple[str, ...]


@contextmanager
def assembled(options: Options, say: Say) -> Iterator[Parts]:
    """Build what is stale and yield the parts, which nobody replaces before the block ends. Raises `BedError`."""
    _require_machine()
    with cache.locked(CACHE / "lock"):
        if options.zipapp == ZIPAPP:
            _make_zipapp(say)
        base = rootfs.ready(say)
        layers = [imageroots.ready(base, say), base]
        if options.zipapp:
            layers.insert(0, _extracted(options.zipapp, say))
        yield Parts(tuple(map(str, layers)))


def _require_machine() -> None:
    if os.geteuid() != 0:
        raise BedError("a bed boots a whole machine, which only root may: use `sudo make …`")
    missing = [program for program in _PROGRAMS if not shutil.which(program, path=child.PATH)]
    if missing:
        raise BedError(f"not installed: {', '.join(missing)}; `make setup` installs all that is needed")


def _make_zipapp(say: Say) -> None:
    """Have the program built if its sources changed."""
    say("building dist/townos.pyz if its sources changed")
    python = CHECKOUT / ".venv/bin/python"
    child.run([str(python), str(CHECKOUT / "zipapp/build.py")], cwd=CHECKOUT, environment=child.inherited())


def _extracted(zipapp: Path, say: Say) -> Path:
    """Return a layer with the zipapp unpacked where the service looks for it: beds start as if they had run before."""

    def build(target: Path, say: Say) -> None:
        say("unpacking the program once for all beds")
        directory = target / _EXTRACTED
        directory.mkdir(parents=True)
        copy = target / zipapp.name
        shutil.copyfile(zipapp, copy)
        child.run(["/usr/bin/python3", str(copy), "--version"], environment={"SHIV_ROOT": str(directory)})
        copy.unlink()

    return cache.cached("zipapp", cache.key([], [zipapp, Path(__file__)]), build, say)

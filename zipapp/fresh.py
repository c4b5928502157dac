"""Telling whether something built is still made from the files that are there now."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parent.parent
_STAMPS: Final = CHECKOUT / ".cache" / "stamps"


def tree(root: Path, *, without: Iterable[str] = ()) -> list[Path]:
    """Return every file below `root` in a stable order, leaving out files and directories named in `without`."""
    left_out = set(without)
    found: list[Path] = []
    for directory, names, files in os.walk(root):
        names[:] = sorted(set(names) - left_out)
        found += [Path(directory, name) for name in sorted(set(files) - left_out)]
    return found


def key(files: Iterable[Path]) -> str:
    """Return a hash of the files' places in the checkout, modes and contents."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        place = path.relative_to(CHECKOUT).as_posix()
        digest.update(f"{place}:{path.stat().st_mode & 0o111:o}:{len(content)}:".encode() + content)
    return digest.hexdigest()


class Stamp:
    """Remembers what the thing named `name` was last built from."""

    def __init__(self, name: str, product: Path, inputs: Iterable[Path]) -> None:
        self._path = _STAMPS / name
        self._product = product
        self._key = key(inputs)

    def fresh(self) -> bool:
        """Tell whether the product is there and was built from these very inputs."""
        return self._product.exists() and self._path.exists() and self._path.read_text() == self._key

    def built(self) -> None:
        """Record that the product was built from these inputs."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._key)

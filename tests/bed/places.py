"""Where the test host keeps its things on this machine."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = CHECKOUT / ".cache" / "bed"
ZIPAPP: Final = CHECKOUT / "dist" / "townos.pyz"
SERVICE: Final = "town-os-systemcontroller.service"
RUN: Final = Path("/run/town-os-beds")
"""State of the beds that are up. Not in the checkout: who deletes a checkout must not delete a running bed's record."""

INSTANCE: Final = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:4]
"""Tells checkouts apart in what beds are called on this machine."""
TEST_PREFIX: Final = "test"
"""How the names of beds begin that tests boot."""
_NAME: Final = re.compile(r"[a-z0-9]{1,10}")


class BedError(Exception):
    """Something that the person at the terminal can read and act on."""


@dataclass(frozen=True, slots=True)
class BedName:
    """A bed's name, and what its parts are called on this machine.

    Checkouts do not disturb one another: each carries four digits of its path's hash in the names it gives.
    """

    text: str
    instance: str = INSTANCE

    @classmethod
    def parse(cls, text: str) -> BedName:
        """Accept one to ten of a-z and 0-9; raise `BedError` otherwise."""
        if not _NAME.fullmatch(text):
            raise BedError(f"a bed's name is one to ten of a-z and 0-9, not {text!r}")
        return cls(text)

    @property
    def machine(self) -> str:
        """Return the name of its cgroup, its machine and its state directory."""
        return f"town-bed-{self.instance}-{self.text}"

    @property
    def link(self) -> str:
        """Return this machine's end of its network cable; Linux allows 15 characters."""
        return f"b{self.instance}{self.text}"

    @property
    def state(self) -> Path:
        """Return the directory that exists while the bed does."""
        return RUN / self.machine

    @property
    def volume(self) -> Path:
        """Return the disk image of its btrfs volume, which stays behind for BED_KEEP."""
        return CACHE / "volumes" / f"{self.text}.btrfs"

    @classmethod
    def of_machine(cls, machine: str) -> BedName | None:
        """Read a machine name back; None if it is not one of ours."""
        found = re.fullmatch(r"town-bed-([0-9a-f]{4})-([a-z0-9]{1,10})", machine)
        return cls(found[2], found[1]) if found else None

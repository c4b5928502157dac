"""Addresses for beds: a small network of its own for each, between this machine and the bed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.bed import child
from tests.bed.places import BedError

_PREFIX: Final = "10.97"
_NETWORKS: Final = range(1, 251)


@dataclass(frozen=True, slots=True)
class Network:
    """One /24: this machine is .1, the bed is .2, and .254 is nobody."""

    number: int

    @property
    def host(self) -> str:
        """Return this machine's address as the bed sees it."""
        return f"{_PREFIX}.{self.number}.1"

    @property
    def address(self) -> str:
        """Return the bed's address."""
        return f"{_PREFIX}.{self.number}.2"

    @property
    def nowhere(self) -> str:
        """Return the gateway that does not exist."""
        return f"{_PREFIX}.{self.number}.254"


def free(taken: Iterable[int]) -> Network:
    """Return a network that neither another bed nor this machine uses."""
    used = set(taken)
    routes = child.run(["ip", "-4", "route", "show", "table", "all"])
    for number in _NETWORKS:
        if number not in used and f"{_PREFIX}.{number}." not in routes:
            return Network(number)
    raise BedError("no network is left for another bed; stop some")

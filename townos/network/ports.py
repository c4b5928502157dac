"""Who holds which port: the appliance, packages, and processes of this machine."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from townos.errors import Conflict, Unavailable
from townos.i18n import Term

Holder = str | Term
"""Who holds a port: a name that is the same in every language, or a text of the catalogue."""

APPLIANCE_PORTS: Final[Mapping[int, Holder]] = {
    3000: "Grafana",
    5309: "Town OS",
    8080: Term("network.holder.pages"),
    9090: "Prometheus",
    9100: "Node Exporter",
}
GENERATED_PORTS: Final = range(10_000, 60_001)


@dataclass(frozen=True, slots=True)
class PortTable:
    """A moment's view: ports by the name of who holds them. Listening processes have no name yet."""

    packages: Mapping[int, str]
    listening: frozenset[int]
    appliance: Mapping[int, Holder]

    def free(self, reserved: Iterable[int] = ()) -> int:
        """Return a random free port for an answer. Raises `Unavailable` when none is left."""
        taken = {*self.packages, *self.listening, *self.appliance, *reserved}
        candidates = [port for port in GENERATED_PORTS if port not in taken]
        if not candidates:
            raise Unavailable("network.no_free_port")
        return random.SystemRandom().choice(candidates)

    def named_holder(self, port: int) -> Holder | None:
        """Return who holds a port, empty for a process that is still to be looked up, `None` for a free one."""
        if port in self.appliance:
            return self.appliance[port]
        if port in self.packages:
            return self.packages[port]
        return "" if port in self.listening else None


def port_taken(port: int, holder: Holder) -> Conflict:
    """Return the error for a port that is held by somebody else."""
    holder = holder or Term("network.holder.unknown")
    return Conflict.at("network", "network.port_taken", port, holder)

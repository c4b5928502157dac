"""The machine's own service manager, and its journal."""

from dataclasses import dataclass
from typing import Self

from townos.installations.services import UnitServices
from townos.systemd.bus import Bus
from townos.systemd.journal import Journal, JournalctlJournal
from townos.systemd.manager import BusSystemd, Systemd


@dataclass(frozen=True, slots=True)
class Machine:
    """systemd over its bus, the services that it runs, and what they say."""

    bus: Bus
    systemd: Systemd
    services: UnitServices
    journal: Journal

    @classmethod
    def found(cls) -> Self:
        """Return it; nothing is connected yet."""
        bus = Bus()
        systemd = BusSystemd(bus)
        return cls(bus, systemd, UnitServices(systemd), JournalctlJournal())

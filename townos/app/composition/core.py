"""The ground floor: what every other part of the house stands on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from townos.app.boot import Boot
from townos.app.configuration import Configuration
from townos.app.supervision import Supervisor
from townos.audit.log import AuditLog
from townos.clock import Clock
from townos.database.engine import Database, Footing
from townos.database.migrations import MIGRATIONS
from townos.limits import DATABASE_RESERVE_BYTES
from townos.operations import CrashPoint, Operations
from townos.packages.compile import HostNames
from townos.posix.reserve import Reserve
from townos.settings.settings import Settings
from townos.status.addresses import ExternalAddress, fetch_over_https, internal_address
from townos.storage.paths import VolumePath
from townos.storage.subjects import subject


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is before anything that people see."""

    configuration: Configuration
    clock: Clock
    reserve: Reserve
    database: Database
    settings: Settings
    audit: AuditLog
    operations: Operations
    external_address: ExternalAddress
    boot: Boot
    supervisor: Supervisor

    @classmethod
    @asynccontextmanager
    async def laid(cls, configuration: Configuration, clock: Clock) -> "AsyncIterator[Ground]":
        """Open the database, and close it in the end."""
        reserve = Reserve(configuration.reserve)
        footing = Footing(DATABASE_RESERVE_BYTES, reserve, shared=configuration.test)
        async with Database.open(configuration.database, MIGRATIONS, footing) as database:
            yield cls(
                configuration=configuration,
                clock=clock,
                reserve=reserve,
                database=database,
                settings=await Settings.open(database),
                audit=AuditLog(database, clock),
                operations=Operations(database, clock, CrashPoint.parse_all(configuration.crash or "")),
                external_address=ExternalAddress(clock, fetch_over_https, enabled=not configuration.test),
                boot=Boot(),
                supervisor=Supervisor(clock),
            )

    def hosts(self) -> HostNames:
        """Return how this machine is reached; without a known address from outside, the one in the home serves."""
        inside = internal_address()
        return HostNames(self.external_address.current or inside, inside)

    def require_idle(self, volume: VolumePath) -> None:
        """Raise `Conflict` while an operation works on a volume or on the package that it belongs to."""
        package = subject(volume)
        self.operations.require_idle(package.repository, package.name)

"""What every other service stands on: the database, settings, audit log and operations."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from townos.app.adapters import Adapters
from townos.app.boot import Boot
from townos.app.configuration import Configuration
from townos.app.supervision import Supervisor
from townos.audit.log import AuditLog
from townos.clock import Clock
from townos.database.engine import Database, Footing
from townos.database.migrations import MIGRATIONS
from townos.operations import CrashPoint, Operations
from townos.packages.compile import HostNames
from townos.posix.reserve import Reserve
from townos.settings.settings import Settings
from townos.status.addresses import ExternalAddress


@dataclass(frozen=True, slots=True)
class Core:
    """The services that know nothing of packages, volumes and accounts."""

    configuration: Configuration
    clock: Clock
    reserve: Reserve
    database: Database
    settings: Settings
    audit: AuditLog
    operations: Operations
    external_address: ExternalAddress
    internal_address: Callable[[], str]
    boot: Boot
    supervisor: Supervisor

    @classmethod
    @asynccontextmanager
    async def open(cls, configuration: Configuration, adapters: Adapters) -> AsyncIterator[Self]:
        """Open the database and, in the end, close it."""
        clock, crash = adapters.clock, CrashPoint.parse_all(configuration.crash or "")
        reserve = Reserve(configuration.reserve)
        footing = Footing(adapters.database_reserve_bytes, reserve, shared=configuration.test)
        async with Database.open(configuration.database, MIGRATIONS, footing) as database:
            yield cls(
                configuration=configuration,
                clock=clock,
                reserve=reserve,
                database=database,
                settings=await Settings.open(database),
                audit=AuditLog(database, clock),
                operations=Operations(database, clock, crash, adapters.kill),
                external_address=adapters.external_address,
                internal_address=adapters.internal_address,
                boot=Boot(),
                supervisor=Supervisor(clock),
            )

    def hosts(self) -> HostNames:
        """Return how this machine is reached; without a known external address, the internal one serves for both."""
        inside = self.internal_address()
        return HostNames(self.external_address.current or inside, inside)

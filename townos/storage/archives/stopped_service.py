"""A service that is stopped for a while, and started again whatever happens meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from townos.concurrency import always
from townos.limits import UNIT_JOB_TIMEOUT_SECONDS
from townos.names import UnitName


class Services(Protocol):
    """The port to the service manager."""

    async def require(self, unit: UnitName) -> None:
        """Raise `NotFound` for a unit that there is not."""

    async def running(self, unit: UnitName) -> bool:
        """Tell whether a unit is active or about to be."""

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit."""

    async def start(self, unit: UnitName) -> None:
        """Start a unit. Raises `TownError`."""


async def require_service(services: Services, unit: UnitName | None) -> None:
    """Raise `NotFound` for a service that there is not: nothing would be stopped although somebody relies on it."""
    if unit is not None:
        await services.require(unit)


@asynccontextmanager
async def stopped_service(services: Services, unit: UnitName | None) -> AsyncIterator[None]:
    """Stop a service for the time of the block, and start it again in every outcome.

    One that does not run stays as it is: whoever stopped it wanted that. Raises what the services raise.
    """
    if unit is None or not await services.running(unit):
        yield
        return
    async with always(partial(services.start, unit), UNIT_JOB_TIMEOUT_SECONDS, f"starting {unit} again"):
        await services.stop(unit)
        yield

"""A service that stands still for a while, and runs again whatever happens meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import trio

from townos.errors import TownError
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


async def require(services: Services, unit: UnitName | None) -> None:
    """Raise `NotFound` for a service that there is not: nothing would stand still while somebody relies on it."""
    if unit is not None:
        await services.require(unit)


@asynccontextmanager
async def paused(services: Services, unit: UnitName | None) -> AsyncIterator[None]:
    """Stop a service for the time of the block, and start it again in every outcome.

    One that does not run stays as it is: whoever stopped it wanted that. Raises what the services raise.
    """
    if unit is None or not await services.running(unit):
        yield
        return
    try:
        await services.stop(unit)
        yield
    except BaseException as error:
        await _start_after(services, unit, error)
        raise
    await _start(services, unit)


async def _start(services: Services, unit: UnitName) -> None:
    with trio.CancelScope(shield=True):  # bounded by the time that the service manager gives a job
        await services.start(unit)


async def _start_after(services: Services, unit: UnitName, error: BaseException) -> None:
    try:
        await _start(services, unit)
    except TownError as second:
        raise BaseExceptionGroup("a service could not be started again after a failure", [error, second]) from None

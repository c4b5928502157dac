"""What people do to services by hand, so that it holds after the next start of this program too.

systemd's own links of enabled units are in `/etc`, which begins empty at every boot; the marker among the records is
what `Reconciliation` obeys.
"""

from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.subjects import subject_of
from townos.names import PackageId, UnitName
from townos.operations.subject import RequireIdle
from townos.systemd.manager import Systemd


class ServiceControl:
    """Acts on units of this appliance. Those that are no installed package's are systemd's business alone.

    Each method raises what `Systemd`'s of that name raises.
    """

    def __init__(
        self, systemd: Systemd, records: Records, start_failures: StartFailures, require_idle: RequireIdle
    ) -> None:
        self._systemd = systemd
        self._records = records
        self._start_failures = start_failures
        self._require_idle = require_idle

    async def start(self, unit: UnitName) -> None:
        """Start a unit."""
        await self._systemd.start(unit)
        await self._clear_failure(unit)

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit until somebody, or the next boot, starts it."""
        await self._systemd.stop(unit)

    async def restart(self, unit: UnitName) -> None:
        """Stop and start a unit."""
        await self._systemd.restart(unit)
        await self._clear_failure(unit)

    async def enable(self, unit: UnitName) -> None:
        """Let a unit start at boot. Raises `Conflict` while an operation works on its package."""
        package = await self._owner(unit)
        if package is not None:
            self._require_idle(subject_of(package))
            await self._records.enable(package.repository, package.name)
        await self._systemd.enable(unit)

    async def disable(self, unit: UnitName) -> None:
        """Keep a unit from starting at boot; one that runs goes on. Raises `Conflict` like `enable`."""
        package = await self._owner(unit)
        if package is not None:
            self._require_idle(subject_of(package))
            await self._records.disable(package.repository, package.name)
            self._start_failures.clear(package)
        await self._systemd.disable(unit)

    async def _clear_failure(self, unit: UnitName) -> None:
        package = await self._owner(unit)
        if package is not None:
            self._start_failures.clear(package)

    async def _owner(self, unit: UnitName) -> PackageId | None:
        return next((package for package in await self._records.installed() if package.unit == unit), None)

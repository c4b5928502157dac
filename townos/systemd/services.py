"""systemd for the steps of operations, which may be repeated."""

from townos.errors import NotFound
from townos.names import UnitName
from townos.systemd.manager import Systemd, running, start_and_watch


class SystemdServices:
    """Acts on units. Every call may be repeated: a unit that is stopped or reset already is no error."""

    def __init__(self, systemd: Systemd) -> None:
        self._systemd = systemd

    async def reload(self) -> None:
        """Read the unit files anew."""
        await self._systemd.reload()

    async def require(self, unit: UnitName) -> None:
        """Raise `NotFound` for a unit that there is not."""
        if (await self._systemd.status(unit)).load_state == "not-found":
            raise NotFound("unit.not_found", unit)

    async def start(self, unit: UnitName) -> None:
        """Start a unit. Raises `JobFailed`."""
        await self._systemd.start(unit)

    async def stop(self, unit: UnitName) -> None:
        """Stop a unit."""
        await self._systemd.stop(unit)

    async def start_and_watch(self, unit: UnitName, seconds: float, *, may_end: bool = True) -> None:
        """Start a unit and see that it stays up. Raises `JobFailed`, `UnitFailed`."""
        await start_and_watch(self._systemd, unit, seconds, may_end=may_end)

    async def enable(self, unit: UnitName) -> None:
        """Let a unit start at boot."""
        await self._systemd.enable(unit)

    async def disable(self, unit: UnitName) -> None:
        """Keep a unit from starting at boot."""
        try:
            await self._systemd.disable(unit)
        except NotFound:  # its file is gone, and so are systemd's links to it: they go first
            return

    async def enabled(self, unit: UnitName) -> bool:
        """Tell whether systemd starts a unit at boot."""
        return (await self._systemd.status(unit)).unit_file_state == "enabled"

    async def reset_failed(self, unit: UnitName) -> None:
        """Forget that a unit failed."""
        await self._systemd.reset_failed(unit)

    async def running(self, unit: UnitName) -> bool:
        """Tell whether a unit is active or about to be."""
        return await running(self._systemd, unit)

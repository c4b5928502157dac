"""Which ports are taken, seen by a package that is about to be installed."""

from collections.abc import Iterable, Mapping

from townos.installations.records.installed import Installed
from townos.names import PackageId
from townos.network.ports import APPLIANCE_PORTS, PortTable, port_taken
from townos.network.sockets import ListeningPorts
from townos.packages.package import Package


class PortPlanner:
    """Looks at packages, at what others have planned, at this appliance and at every process of the machine."""

    def __init__(self, sockets: ListeningPorts, listen_port: int) -> None:
        self._sockets = sockets
        self._appliance = {**APPLIANCE_PORTS, listen_port: "Town OS"}

    async def table(
        self, package: PackageId, installed: Iterable[Installed], taken: Mapping[int, PackageId]
    ) -> PortTable:
        """Return who holds which port; what the package holds itself, in any version, is free for it.

        `taken` are the ports that other packages are going to have.
        """
        own: set[int] = set()
        held: dict[int, str] = {}
        for one in installed:
            ports = [port.external for port in one.package.ports]
            if (one.id.repository, one.id.name) == (package.repository, package.name):
                own.update(ports)
            else:
                held.update(dict.fromkeys(ports, str(one.id)))
        held.update({port: str(other) for port, other in taken.items()})
        return PortTable(held, await self._sockets.ports() - own, self._appliance)

    async def refuse_taken(self, package: Package, table: PortTable) -> None:
        """Raise `Conflict` naming the holder of the first port that is taken."""
        for port in package.ports:
            holder = table.named_holder(port.external)
            if holder is not None:
                raise port_taken(port.external, holder or await self._sockets.holder(port.external))

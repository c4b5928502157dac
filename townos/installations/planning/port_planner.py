"""Which ports are taken, seen by a package that is about to be installed."""

from collections.abc import Iterable

from townos.installations.planning.plans import INSTALLING, InstallPlan, read
from townos.installations.records.installed import Installed
from townos.installations.subjects import subject_of
from townos.names import PackageId
from townos.network.ports import APPLIANCE_PORTS, PortTable, port_taken
from townos.network.sockets import ListeningPorts
from townos.operations.claim import Claim
from townos.packages.package import Package


class PortPlanner:
    """Looks at packages, at what others have planned, at this appliance and at every process of the machine."""

    def __init__(self, sockets: ListeningPorts, listen_port: int) -> None:
        self._sockets = sockets
        self._appliance = {**APPLIANCE_PORTS, listen_port: "Town OS"}

    async def table(self, package: PackageId, installed: Iterable[Installed], claims: Iterable[Claim]) -> PortTable:
        """Return who holds which port; what the package holds itself, in any version, is free for it."""
        own: set[int] = set()
        held: dict[int, str] = {}
        for one in installed:
            ports = [port.external for port in one.package.ports]
            if _same(one.id, package):
                own.update(ports)
            else:
                held.update(dict.fromkeys(ports, str(one.id)))
        for claim in claims:
            if claim.kind in INSTALLING and not subject_of(package).excludes(claim.subject):
                held.update(dict.fromkeys(read(InstallPlan, claim.plan).ports, str(claim.subject)))
        return PortTable(held, await self._sockets.ports() - own, self._appliance)

    async def refuse_taken(self, package: Package, table: PortTable) -> None:
        """Raise `Conflict` naming the holder of the first port that is taken."""
        for port in package.ports:
            holder = table.named_holder(port.external)
            if holder is not None:
                raise port_taken(port.external, holder or await self._sockets.holder(port.external))


def _same(left: PackageId, right: PackageId) -> bool:
    return (left.repository, left.name) == (right.repository, right.name)

"""Plans to remove an installed package, and to let it run or not."""

from dataclasses import dataclass

from townos.installations.planning.plans import SwitchPlan, UninstallPlan, stored
from townos.installations.planning.present_state import PresentState
from townos.installations.planning.volume_planner import VolumePlanner
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.operations.kinds import Plan
from townos.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class LifecyclePlanner:
    """Plans what is done to an installed package as a whole."""

    records: Records
    present_state: PresentState
    volumes: VolumePlanner
    settings: Settings

    async def uninstall(self, package: PackageId, *, purge: bool) -> Plan:
        """Plan an uninstallation. Raises `NotFound` unless the version is installed."""
        await self.records.manifest(package)
        present = await self.present_state.version(package)
        plan = UninstallPlan(
            answers=present.answers,
            unit=present.unit,
            network_state=present.network_state,
            volumes=self.volumes.leaving(package, await self.volumes.existing(package.repository, package.name)),
            purge=purge,
            running=present.running,
            enabled=present.enabled,
            snapshots_kept=await self.settings.integer("snapshots_kept"),
        )
        return stored(plan)

    async def switch(self, package: PackageId) -> Plan:
        """Plan to disable or enable a package. Raises `NotFound` unless the version is installed."""
        await self.records.manifest(package)
        plan = SwitchPlan(
            disabled=await self.records.disabled(package.repository, package.name),
            service=await self.present_state.service(package),
        )
        return stored(plan)

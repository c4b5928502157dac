"""The steps of an uninstallation. Once a volume has moved or gone, it only goes forward."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from townos.containers.podman import Podman
from townos.errors import NoSpace
from townos.i18n import Term
from townos.installations.planning.plans import MovedVolume, UninstallPlan, read
from townos.installations.ports import NetworkStates, ServiceManager
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.steps.moving import keep, snapshots_of_keep
from townos.installations.steps.units import UnitInstaller
from townos.installations.subjects import on_package
from townos.names import PackageId, VolumeName
from townos.operations.kinds import Kind, Plan, Progress, Step, counted, nothing
from townos.storage.paths import VolumePath
from townos.storage.snapshots import SnapshotId
from townos.storage.volumes import Volumes

UNINSTALL: Final = "uninstall"
_VOLUMES: Final = "volumes"


@dataclass(frozen=True, slots=True)
class UninstallSteps:
    """Takes a package away: first what runs, then its data, then its record."""

    records: Records
    start_failures: StartFailures
    volumes: Volumes
    services: ServiceManager
    units: UnitInstaller
    podman: Podman
    network: NetworkStates

    def kind(self) -> Kind:
        """Return the kind of operation that uninstalls."""
        return Kind(UNINSTALL, on_package(self._build), no_return=_VOLUMES)

    def _build(self, package: PackageId, encoded: Plan) -> Sequence[Step]:
        plan = read(UninstallPlan, encoded)
        keeps_data = bool(plan.volumes) and not plan.purge
        snapshot = Step(
            "snapshot",
            partial(self._snapshot, package, plan),
            partial(self._delete_snapshots, package, plan),
            unit="volumes",
        )
        handle_volumes = partial(self._purge if plan.purge else self._keep, package, plan)
        return (
            Step("stop", partial(self._stop, package), partial(self._start, package, plan)),
            Step("unit", partial(self._remove_unit, package), partial(self._restore_unit, package, plan)),
            Step("network", partial(self._remove_network, package), partial(self._restore_network, package, plan)),
            *((snapshot,) if keeps_data else ()),
            Step(_VOLUMES, handle_volumes, nothing, unit="volumes"),
            Step("record", partial(self._remove_record, package, plan), nothing),
        )

    async def _stop(self, package: PackageId, _: Progress) -> None:
        await self.services.stop(package.unit)
        await self.services.reset_failed(package.unit)
        await self.podman.remove_container(package.container)

    async def _start(self, package: PackageId, plan: UninstallPlan) -> None:
        if plan.running:
            await self.units.start(package.unit, plan.unit, 0, enabled=plan.enabled)

    async def _remove_unit(self, package: PackageId, _: Progress) -> None:
        await self.units.remove(package.unit)

    async def _restore_unit(self, package: PackageId, plan: UninstallPlan) -> None:
        if plan.unit:
            await self.units.install(package.unit, plan.unit, enabled=plan.enabled)

    async def _remove_network(self, package: PackageId, _: Progress) -> None:
        await self.network.remove(package)

    async def _restore_network(self, package: PackageId, plan: UninstallPlan) -> None:
        await self.network.write(package, plan.network_state)

    async def _snapshot(self, package: PackageId, plan: UninstallPlan, progress: Progress) -> None:
        """Keep the state of this moment; a full disk must not keep anybody from removing what fills it."""
        for volume in counted(plan.volumes, progress):
            try:
                await self.volumes.snapshot(_path(package, volume), SnapshotId.parse(volume.snapshot))
            except NoSpace as error:
                progress.warn(Term("install.kept_without_snapshot", (volume.name, error.term)))

    async def _delete_snapshots(self, package: PackageId, plan: UninstallPlan) -> None:
        for volume in plan.volumes:
            await self.volumes.delete_snapshot(_path(package, volume), SnapshotId.parse(volume.snapshot))

    async def _purge(self, package: PackageId, plan: UninstallPlan, progress: Progress) -> None:
        for volume in counted(plan.volumes, progress):
            await self.volumes.delete(_path(package, volume))

    async def _keep(self, package: PackageId, plan: UninstallPlan, progress: Progress) -> None:
        for volume in counted(plan.volumes, progress):
            await keep(self.volumes, package, volume)
            kept = VolumePath.uninstalled(package, VolumeName.parse(volume.name))
            await self.volumes.prune(kept, plan.snapshots_kept, protected=snapshots_of_keep(volume))

    async def _remove_record(self, package: PackageId, plan: UninstallPlan, _: Progress) -> None:
        await self.records.save_last_answers(package, plan.answers)
        await self.records.remove(package)
        self.start_failures.clear(package)


def _path(package: PackageId, volume: MovedVolume) -> VolumePath:
    return VolumePath.installed(package, VolumeName.parse(volume.name))

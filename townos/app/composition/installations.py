"""Installations: the steps of their operations, the planners, and what is asked and done about what is installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from townos.app.adapters import Adapters
from townos.app.composition.core import Core
from townos.app.composition.storage import StorageServices
from townos.containers.podman import Podman
from townos.git.client import GitClient
from townos.installations.adapters.checkout_manifests import CheckoutManifests
from townos.installations.bring_up import Attempts, FilePlacement, PackageStart
from townos.installations.inspection import Inspection
from townos.installations.installations import Installations
from townos.installations.planning.data_planner import DataPlanner
from townos.installations.planning.generated_files import GeneratedFiles
from townos.installations.planning.install_planner import InstallPlanner
from townos.installations.planning.lifecycle_planner import LifecyclePlanner
from townos.installations.planning.port_planner import PortPlanner
from townos.installations.planning.present_state import PresentState
from townos.installations.planning.requests import ManifestLoader
from townos.installations.planning.vm_disks import VmDisks
from townos.installations.planning.volume_planner import VolumePlanner
from townos.installations.ports import ManifestFiles, NetworkStates, Offers, ServiceManager, UnitFiles, UnitLog
from townos.installations.reconciliation import Reconciliation
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.records.upgrades import Upgrades
from townos.installations.restorations import Restorations
from townos.installations.service_control import ServiceControl
from townos.installations.steps.fetching import Fetch
from townos.installations.steps.install import InstallSteps
from townos.installations.steps.purge import PurgeSteps
from townos.installations.steps.rebuild import RebuildSteps
from townos.installations.steps.recording import Finish, Record
from townos.installations.steps.replacement import Replace
from townos.installations.steps.restore import RestoreSteps
from townos.installations.steps.seeding import Seed, Seeder
from townos.installations.steps.service import RunService, WriteNetworkState
from townos.installations.steps.switching import SwitchSteps
from townos.installations.steps.templating import RenderTemplates, TemplateWriter
from townos.installations.steps.uninstall import UninstallSteps
from townos.installations.steps.units import ServicePause, UnitInstaller
from townos.installations.steps.volumes import MakeVolumes
from townos.network.files import NetworkStateFiles
from townos.operations.kinds import Kind
from townos.storage.volumes import Volumes
from townos.systemd.directory import UnitDirectory
from townos.systemd.services import SystemdServices
from townos.vm.images import VmImages


@dataclass(frozen=True, slots=True)
class InstallationServices:
    """Changes what is installed, and tells about it."""

    records: Records
    start_failures: StartFailures
    installations: Installations
    inspection: Inspection
    upgrades: Upgrades
    restorations: Restorations
    reconciliation: Reconciliation
    control: ServiceControl
    vm_disks: VmDisks

    @classmethod
    def build(
        cls, core: Core, adapters: Adapters, storage: StorageServices, offers: Offers, vm_images: VmImages
    ) -> Self:
        """Build them, and make their kinds of operation known."""
        shared = _Shared.build(core, adapters, storage, vm_images)
        for kind in _kinds(shared):
            core.operations.register(kind)
        records, failures = shared.records, shared.start_failures
        disks = VmDisks(shared.installed, core.operations)
        install_planner = _install_planner(core, adapters, storage, shared)
        return cls(
            records=records,
            start_failures=failures,
            installations=_installations(core, storage, shared, install_planner),
            inspection=Inspection(
                records=records,
                installed_packages=shared.installed,
                loader=ManifestLoader(shared.manifests, records),
                volume_planner=shared.volume_planner,
                volumes=shared.volumes,
            ),
            upgrades=Upgrades(records, shared.manifests, offers, core.settings),
            restorations=Restorations(
                shared.volumes,
                records,
                shared.present_state,
                core.operations,
                core.settings,
                core.clock,
                core.boot.require_ended,
            ),
            reconciliation=_reconciliation(core, shared),
            control=ServiceControl(adapters.systemd, records, failures, core.operations.require_idle),
            vm_disks=disks,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What more than one of the services is built from."""

    records: Records
    start_failures: StartFailures
    installed: InstalledPackages
    manifests: ManifestFiles
    volumes: Volumes
    vm_images: VmImages
    podman: Podman
    git: GitClient
    services: ServiceManager
    unit_files: UnitFiles
    network: NetworkStates
    log: UnitLog
    units: UnitInstaller
    pause: ServicePause
    seeder: Seeder
    templates: TemplateWriter
    present_state: PresentState
    volume_planner: VolumePlanner
    generated_files: GeneratedFiles

    @classmethod
    def build(cls, core: Core, adapters: Adapters, storage: StorageServices, vm_images: VmImages) -> Self:
        configuration, settings, git = core.configuration, core.settings, adapters.git
        volumes = storage.volumes
        podman = adapters.podman(storage.space, core.reserve)
        services, unit_files = SystemdServices(adapters.systemd), UnitDirectory(configuration.units)
        network = NetworkStateFiles(configuration.network_state)
        records = Records(configuration.repositories)
        installed = InstalledPackages(records, core.hosts)
        units = UnitInstaller(services, unit_files)
        return cls(
            records=records,
            start_failures=StartFailures(),
            installed=installed,
            manifests=CheckoutManifests(configuration.repositories, git),
            volumes=volumes,
            vm_images=vm_images,
            podman=podman,
            git=git,
            services=services,
            unit_files=unit_files,
            network=network,
            log=adapters.journal,
            units=units,
            pause=ServicePause(services, units),
            seeder=Seeder(volumes, podman, adapters.archives(settings, storage.space), git),
            templates=TemplateWriter(volumes, installed),
            present_state=PresentState(records, unit_files, network, services, settings),
            volume_planner=VolumePlanner(volumes, settings, core.clock),
            generated_files=GeneratedFiles(
                volumes, vm_images, settings, configuration.network_mode, configuration.seccomp
            ),
        )


def _kinds(shared: _Shared) -> Iterator[Kind]:
    records, failures, volumes = shared.records, shared.start_failures, shared.volumes
    services, units, pause = shared.services, shared.units, shared.pause
    yield from InstallSteps(
        fetch=Fetch(shared.podman, shared.vm_images),
        make_volumes=MakeVolumes(volumes, services),
        seed=Seed(shared.seeder),
        replace=Replace(volumes, shared.vm_images, services, units),
        record=Record(records, shared.manifests),
        render_templates=RenderTemplates(shared.templates),
        write_network_state=WriteNetworkState(shared.network),
        run_service=RunService(services, units, shared.podman, shared.log),
        finish=Finish(records, failures, volumes, shared.podman, shared.vm_images),
    ).kinds()
    yield UninstallSteps(records, failures, volumes, services, units, shared.podman, shared.network).kind()
    yield from PurgeSteps(volumes, shared.seeder, shared.templates, pause).kinds()
    yield RebuildSteps(volumes, shared.git, services, pause).kind()
    yield from SwitchSteps(records, failures, services, units).kinds()
    yield RestoreSteps(volumes, services, pause).kind()


def _install_planner(core: Core, adapters: Adapters, storage: StorageServices, shared: _Shared) -> InstallPlanner:
    return InstallPlanner(
        records=shared.records,
        installed=shared.installed,
        operations=core.operations,
        present_state=shared.present_state,
        volumes=shared.volume_planner,
        ports=PortPlanner(adapters.sockets, core.configuration.listen.port),
        vm_images=shared.vm_images,
        files=shared.generated_files,
        settings=core.settings,
        hosts=core.hosts,
        space=storage.space,
    )


def _installations(
    core: Core, storage: StorageServices, shared: _Shared, install_planner: InstallPlanner
) -> Installations:
    present_state, volumes, settings = shared.present_state, shared.volume_planner, core.settings
    return Installations(
        records=shared.records,
        installed=shared.installed,
        volumes=volumes,
        install_planner=install_planner,
        lifecycle_planner=LifecyclePlanner(shared.records, present_state, volumes, settings),
        data_planner=DataPlanner(shared.installed, shared.volumes, present_state, volumes, settings, storage.space),
        operations=core.operations,
        require_ready=core.boot.require_ended,
    )


def _reconciliation(core: Core, shared: _Shared) -> Reconciliation:
    attempts = Attempts(shared.start_failures)
    return Reconciliation(
        records=shared.records,
        installed=shared.installed,
        operations=core.operations,
        services=shared.services,
        start_failures=shared.start_failures,
        attempts=attempts,
        placement=FilePlacement(
            shared.volumes, shared.volume_planner, shared.network, shared.unit_files, shared.generated_files
        ),
        package_start=PackageStart(
            shared.records,
            shared.services,
            shared.volume_planner,
            shared.seeder,
            shared.templates,
            shared.podman,
            shared.vm_images,
            attempts,
        ),
    )

"""The packages: where they come from, and those that are installed."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from townos.app.adapters import Adapters
from townos.app.composition.core import Core
from townos.app.composition.storage import StorageServices
from townos.git.client import GitClient
from townos.installations.adapters.checkout_manifests import CheckoutManifests
from townos.installations.inspection import Inspection
from townos.installations.installations import Installations
from townos.installations.parts import Parts
from townos.installations.planning.install_planner import Surroundings
from townos.installations.planning.vm_disks import disk_users
from townos.installations.reconciliation import Reconciliation
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.records.upgrades import Upgrades
from townos.installations.restorations import Restorations
from townos.installations.service_control import ServiceControl
from townos.network.files import NetworkStateFiles
from townos.packages.loading import load_manifest
from townos.packages.versions import version_key
from townos.repositories import Catalogue, Repositories
from townos.repositories.seeds import seeds
from townos.systemd.directory import UnitDirectory
from townos.systemd.services import SystemdServices
from townos.vm.images import VmImages
from townos.vm.service import VmImageLibrary


@dataclass(frozen=True, slots=True)
class PackageServices:
    """Repositories and their catalogue, installations and what is asked and done about them."""

    catalogue: Catalogue
    repositories: Repositories
    parts: Parts
    installations: Installations
    inspection: Inspection
    upgrades: Upgrades
    restorations: Restorations
    reconciliation: Reconciliation
    control: ServiceControl
    vm_images: VmImages
    vm_image_library: VmImageLibrary

    @classmethod
    def build(cls, core: Core, adapters: Adapters, storage: StorageServices) -> Self:
        """Build them."""
        git = adapters.git
        catalogue = Catalogue(core.configuration.repositories, git, load_manifest, version_key)
        vm_images = adapters.vm_images(core.settings, storage.space)
        parts = _parts(core, adapters, storage, vm_images)
        operations, settings, ready = core.operations, core.settings, core.boot.require_ended
        installations = Installations(parts, operations, _surroundings(core, adapters, storage), ready)
        users = partial(disk_users, parts, operations.claims)
        return cls(
            catalogue=catalogue,
            repositories=_repositories(core, git, catalogue),
            parts=parts,
            installations=installations,
            inspection=Inspection(parts, installations.planner),
            upgrades=Upgrades(parts, catalogue, settings),
            restorations=Restorations(parts, operations, settings, core.clock, ready),
            reconciliation=Reconciliation(parts, installations.planner, operations),
            control=ServiceControl(adapters.systemd, parts.records, parts.start_failures, operations.require_idle),
            vm_images=vm_images,
            vm_image_library=VmImageLibrary(vm_images, operations, users, storage.space),
        )


def _repositories(core: Core, git: GitClient, catalogue: Catalogue) -> Repositories:
    configuration = core.configuration
    return Repositories(
        configuration.repositories,
        git=git,
        catalogue=catalogue,
        clock=core.clock,
        seeds=seeds(
            configuration.default_credentials,
            test=configuration.test,
            debug=configuration.debug,
            core_url=configuration.test_core_url,
            extras_url=configuration.test_extras_url,
        ),
        default_credentials=configuration.default_credentials,
    )


def _parts(core: Core, adapters: Adapters, storage: StorageServices, vm_images: VmImages) -> Parts:
    configuration = core.configuration
    records = Records(configuration.repositories)
    return Parts(
        records=records,
        volumes=storage.volumes,
        podman=adapters.podman(storage.space, core.reserve),
        services=SystemdServices(adapters.systemd),
        units=UnitDirectory(configuration.units),
        network=NetworkStateFiles(configuration.network_state),
        log=adapters.journal,
        manifests=CheckoutManifests(configuration.repositories, adapters.git),
        start_failures=StartFailures(),
        installed=InstalledPackages(records, core.hosts),
        git=adapters.git,
        archives=adapters.archives(core.settings, storage.space),
        vm_images=vm_images,
    )


def _surroundings(core: Core, adapters: Adapters, storage: StorageServices) -> Surroundings:
    configuration = core.configuration
    return Surroundings(
        network_mode=configuration.network_mode,
        listen_port=configuration.listen.port,
        sockets=adapters.sockets,
        settings=core.settings,
        hosts=core.hosts,
        clock=core.clock,
        space=storage.space,
        seccomp=configuration.seccomp,
    )

"""The packages: where they come from, and those that are installed."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Self

import trio

from townos.app.composition.core import Ground
from townos.app.composition.storage import Storage
from townos.app.composition.systemd import Machine
from townos.containers.podman import CommandPodman
from townos.git.client import GitClient
from townos.git.libgit2_client import Libgit2Client
from townos.installations.archive_files import ArchiveFiles
from townos.installations.control import ServiceControl
from townos.installations.parts import Parts
from townos.installations.planning.inspection import Inspection
from townos.installations.planning.machines import disk_users
from townos.installations.planning.manifests import CheckoutManifests
from townos.installations.planning.planner import Surroundings
from townos.installations.reconcile import Reconciliation
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.store import Records
from townos.installations.records.troubles import Troubles
from townos.installations.records.upgrades import Upgrades
from townos.installations.restorations import Restorations
from townos.installations.service import Installations
from townos.network.files import NetworkStateFiles
from townos.network.sockets import ProcSockets
from townos.packages.loading import load_manifest
from townos.packages.versions import version_key
from townos.repositories import Catalogue, Repositories
from townos.repositories.seeds import seeds
from townos.storage.archives.store import ArchiveStore
from townos.systemd.directory import UnitDirectory
from townos.vm.disk_images import DiskVmImages
from townos.vm.images import DIRECTORY
from townos.vm.qemu_img import QemuImg
from townos.vm.service import VmImageLibrary

GIT_HOME: Final = Path("/root")
"""Where the operator may put `.gitconfig` and `.ssh/known_hosts` for package repositories."""


@dataclass(frozen=True, slots=True)
class Packages:
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
    vm_images: DiskVmImages
    vm_image_library: VmImageLibrary

    @classmethod
    def on(cls, ground: Ground, machine: Machine, storage: Storage) -> Self:
        """Build them."""
        git = Libgit2Client(GIT_HOME)
        catalogue = Catalogue(ground.configuration.repositories, git, load_manifest, version_key)
        vm_images = _vm_images(ground, storage)
        parts = _parts(ground, machine, storage, git, vm_images)
        operations, settings, ready = ground.operations, ground.settings, ground.boot.require_ended
        installations = Installations(parts, operations, _surroundings(ground, storage), ready)
        users = partial(disk_users, parts, operations.claims)
        return cls(
            catalogue=catalogue,
            repositories=_repositories(ground, git, catalogue),
            parts=parts,
            installations=installations,
            inspection=Inspection(parts, installations.planner),
            upgrades=Upgrades(parts, catalogue, settings),
            restorations=Restorations(parts, operations, settings, ground.clock, ready),
            reconciliation=Reconciliation(parts, installations.planner, operations),
            control=ServiceControl(machine.systemd, parts.records, parts.troubles, operations.require_idle),
            vm_images=vm_images,
            vm_image_library=VmImageLibrary(vm_images, operations, users, storage.space),
        )


def _repositories(ground: Ground, git: GitClient, catalogue: Catalogue) -> Repositories:
    configuration = ground.configuration
    return Repositories(
        configuration.repositories,
        git=git,
        catalogue=catalogue,
        clock=ground.clock,
        seeds=seeds(
            configuration.default_credentials,
            test=configuration.test,
            debug=configuration.debug,
            core_url=configuration.test_core_url,
            extras_url=configuration.test_extras_url,
        ),
        default_credentials=configuration.default_credentials,
    )


def _vm_images(ground: Ground, storage: Storage) -> DiskVmImages:
    most = partial(ground.settings.bytes, "max_vm_image_size")
    return DiskVmImages(ground.configuration.btrfs / DIRECTORY, QemuImg(), most, ground.clock, storage.space)


def _parts(ground: Ground, machine: Machine, storage: Storage, git: Libgit2Client, vm_images: DiskVmImages) -> Parts:
    configuration = ground.configuration
    records = Records(configuration.repositories)
    give_up = partial(trio.to_thread.run_sync, ground.reserve.give_up)
    archives = ArchiveStore(configuration.btrfs / "archives")
    return Parts(
        records=records,
        volumes=storage.volumes,
        podman=CommandPodman(storage.space.require_room, give_up),
        services=machine.services,
        units=UnitDirectory(configuration.units),
        network=NetworkStateFiles(configuration.network_state),
        log=machine.journal,
        manifests=CheckoutManifests(configuration.repositories, git),
        troubles=Troubles(),
        installed=InstalledPackages(records, ground.hosts),
        git=git,
        archives=ArchiveFiles(archives, ground.settings, storage.space),
        vm_images=vm_images,
    )


def _surroundings(ground: Ground, storage: Storage) -> Surroundings:
    configuration = ground.configuration
    return Surroundings(
        network_mode=configuration.network_mode,
        listen_port=configuration.listen.port,
        sockets=ProcSockets(),
        settings=ground.settings,
        hosts=ground.hosts,
        clock=ground.clock,
        space=storage.space,
        seccomp=configuration.seccomp,
    )

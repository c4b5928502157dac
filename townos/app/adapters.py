"""The real parts that the appliance drives, behind their ports. Tests hand in fakes instead.

A part that needs a service of ours, such as the space guard, is given as a function that takes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from townos.accounts.passwords import Hasher, PasswordHasher
from townos.app.configuration import Configuration
from townos.app.supervision import Service
from townos.clock import Clock, SystemClock
from townos.containers.podman import CommandPodman, Podman
from townos.git.client import GitClient
from townos.git.libgit2_client import Libgit2Client
from townos.installations.adapters.archive_files import ArchiveFiles
from townos.installations.ports import ArchiveUnpacker
from townos.limits import DATABASE_RESERVE_BYTES
from townos.network.sockets import ListeningPorts, ProcSockets
from townos.operations.crash import kill_this_process
from townos.posix.reserve import Reserve
from townos.settings.settings import Settings
from townos.status.addresses import ExternalAddress, PolledExternalAddress, fetch_over_https, internal_address
from townos.storage.archives.store import ArchiveStore
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.space.guard import SpaceGuard
from townos.storage.space.watch import Uses
from townos.storage.volumes import Volumes
from townos.systemd.bus import Bus
from townos.systemd.journal import Journal, JournalctlJournal
from townos.systemd.manager import BusSystemd, Systemd
from townos.vm.disk_images import DiskVmImages
from townos.vm.images import DIRECTORY, VmImages
from townos.vm.qemu_img import QemuImg

GIT_HOME: Final = Path("/root")
"""Where the operator may put `.gitconfig` and `.ssh/known_hosts` for package repositories."""


class Disk(Volumes, Uses, Protocol):
    """The port to the volumes and to what they use."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """One adapter for each port."""

    clock: Clock
    systemd: Systemd
    journal: Journal
    sockets: ListeningPorts
    git: GitClient
    hasher: Hasher
    external_address: ExternalAddress
    internal_address: Callable[[], str]
    """Returns this machine's address in the home; empty if there is none."""
    volumes: Callable[[Reserve], Disk]
    podman: Callable[[SpaceGuard, Reserve], Podman]
    vm_images: Callable[[Settings, SpaceGuard], VmImages]
    archives: Callable[[Settings, SpaceGuard], ArchiveUnpacker]
    background: Mapping[str, Service] = field(default_factory=dict)
    """What adapters do in the background, by name."""
    database_reserve_bytes: int = DATABASE_RESERVE_BYTES
    """How much the database keeps free inside its file for a full disk."""
    kill: Callable[[], None] = kill_this_process
    """Ends the process at a crash point."""


def real_adapters(configuration: Configuration) -> Adapters:
    """Return the adapters of a running appliance; nothing is connected yet."""
    clock, bus = SystemClock(), Bus()
    archives = ArchiveStore(configuration.btrfs / "archives")

    def vm_images(settings: Settings, space: SpaceGuard) -> VmImages:
        most = partial(settings.bytes, "max_vm_image_size")
        return DiskVmImages(configuration.btrfs / DIRECTORY, QemuImg(), most, clock, space)

    return Adapters(
        clock=clock,
        systemd=BusSystemd(bus),
        journal=JournalctlJournal(),
        sockets=ProcSockets(),
        git=Libgit2Client(GIT_HOME),
        hasher=PasswordHasher(),
        external_address=PolledExternalAddress(clock, fetch_over_https, enabled=not configuration.test),
        internal_address=internal_address,
        volumes=partial(BtrfsVolumes, configuration.btrfs),
        podman=lambda space, reserve: CommandPodman(space.require_room, reserve),
        vm_images=vm_images,
        archives=partial(ArchiveFiles, archives),
        background={"systemd": bus.serve},
    )

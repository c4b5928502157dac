"""A machine whose parts are fakes: what lasts while processes of the appliance come and go on it."""

from dataclasses import dataclass, field
from pathlib import Path

from townos.app.adapters import Adapters
from townos.app.configuration import Configuration, Listen
from townos.network.port_mapping import NetworkMode
from townos.testing.accounts import QuickHasher
from townos.testing.archives import FakeArchives
from townos.testing.clock import FakeClock
from townos.testing.git import FakeGitClient
from townos.testing.journal import FakeJournal
from townos.testing.network import FakeExternalAddress, FakeSockets
from townos.testing.operations import die
from townos.testing.podman import FakePodman
from townos.testing.systemd import FakeSystemd
from townos.testing.vm import FakeVmImages
from townos.testing.volumes import FakeVolumes


@dataclass(slots=True)
class FakeHost:
    """Everything below one directory or in memory. Set an attribute to replace a part before a process starts."""

    path: Path
    network_mode: NetworkMode = "bridge"
    clock: FakeClock = field(default_factory=FakeClock)
    hasher: QuickHasher = field(default_factory=QuickHasher)
    journal: FakeJournal = field(default_factory=FakeJournal)
    sockets: FakeSockets = field(default_factory=FakeSockets)
    external_address: FakeExternalAddress = field(default_factory=FakeExternalAddress)
    git: FakeGitClient = field(default_factory=FakeGitClient)
    podman: FakePodman = field(default_factory=FakePodman)
    archives: FakeArchives = field(default_factory=FakeArchives)
    vm_images: FakeVmImages = field(default_factory=FakeVmImages)
    systemd: FakeSystemd = field(init=False)
    volumes: FakeVolumes = field(init=False)

    def __post_init__(self) -> None:
        self.systemd = FakeSystemd(self.unit_texts)
        self.volumes = FakeVolumes(self.path / "town-os")
        self.volumes.roots_made = True

    @property
    def repositories(self) -> Path:
        """The directory of package repositories and installation records."""
        return self.path / "repos"

    @property
    def units(self) -> Path:
        """The directory of unit files."""
        return self.path / "units"

    @property
    def network(self) -> Path:
        """The directory of network state files."""
        return self.path / "network"

    def unit_texts(self) -> dict[str, str]:
        """Return the text of each unit file, by name."""
        return {path.name: path.read_text() for path in self.units.glob("*.service")}

    def configuration(self, crash: str = "") -> Configuration:
        """Return what a process is started with; `crash` names the points where it dies."""
        return Configuration(
            listen=Listen("127.0.0.1", 5309),
            database=self.path / "system.db",
            btrfs=self.path / "town-os",
            repositories=self.repositories,
            network_state=self.network,
            units=self.units,
            network_mode=self.network_mode,
            signing_key="a key for tests that is long enough",
            crash=crash or None,
        )

    def adapters(self) -> Adapters:
        """Return the fakes as the composition root takes them."""
        return Adapters(
            clock=self.clock,
            systemd=self.systemd,
            journal=self.journal,
            sockets=self.sockets,
            git=self.git,
            hasher=self.hasher,
            external_address=self.external_address,
            internal_address=lambda: "192.168.1.2",
            volumes=lambda _: self.volumes,
            podman=lambda _, __: self.podman,
            vm_images=lambda _, __: self.vm_images,
            archives=lambda _, __: self.archives,
            database_reserve_bytes=0,
            kill=die,
        )

"""The composition root: builds every room once, hands each what it needs, and runs them in one nursery tree."""

import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from townos.accounts.accounts import Accounts
from townos.accounts.passwords import PasswordHasher
from townos.accounts.sessions import Sessions
from townos.accounts.signin import SignIn
from townos.accounts.throttle import LoginThrottle
from townos.accounts.tokens import TokenSigner
from townos.addresses import ExternalAddress, fetch_over_https, internal_address
from townos.api import accounts as account_routes
from townos.api import archives as archive_routes
from townos.api import audit as audit_routes
from townos.api import locales as locale_routes
from townos.api import operations as operation_routes
from townos.api import packages as package_routes
from townos.api import repositories as repository_routes
from townos.api import settings as setting_routes
from townos.api import snapshots as snapshot_routes
from townos.api import status as status_routes
from townos.api import storage as storage_routes
from townos.api import systemd as systemd_routes
from townos.api import timezones as timezone_routes
from townos.api import vm_images as vm_image_routes
from townos.api.app import TownApp, create_app
from townos.api.dispatch import Ports
from townos.api.origins import Origins
from townos.api.routing import Routes
from townos.api.server import bind
from townos.api.server import serve as serve_http
from townos.audit import AuditLog
from townos.boot import Boot, Stage
from townos.clock import Clock, SystemClock
from townos.configuration import Configuration, parse
from townos.containers.podman import CommandPodman
from townos.containers.seccomp import write_profile
from townos.database import Database, Footing
from townos.git.libgit2_client import Libgit2Client
from townos.installations.archive_files import ArchiveFiles
from townos.installations.control import ServiceControl
from townos.installations.inspection import Inspection
from townos.installations.installed import InstalledPackages
from townos.installations.machines import disk_users
from townos.installations.manifests import CheckoutManifests
from townos.installations.parts import Parts
from townos.installations.planning.planner import Surroundings
from townos.installations.reconcile import Reconciliation
from townos.installations.records import Records
from townos.installations.restorations import Restorations
from townos.installations.service import Installations
from townos.installations.services import UnitServices
from townos.installations.troubles import Troubles
from townos.installations.upgrades import Upgrades
from townos.inventory import Inventory
from townos.limits import DATABASE_RESERVE_BYTES
from townos.migrations import MIGRATIONS
from townos.network.files import NetworkStateFiles
from townos.network.sockets import ProcSockets
from townos.notify import Notifier
from townos.nursery import open_nursery
from townos.operations import CrashPoint, Operations
from townos.packages.compile import HostNames
from townos.packages.loading import load_manifest
from townos.packages.versions import version_key
from townos.repositories import Catalogue, Repositories
from townos.repositories.seeds import seeds
from townos.reserve import Reserve
from townos.settings import Settings
from townos.status import Status
from townos.storage.archives.downloads import Downloads
from townos.storage.archives.store import ArchiveStore
from townos.storage.archives.uploads import Uploads
from townos.storage.btrfs import BtrfsVolumes
from townos.storage.history.history import History
from townos.storage.paths import VolumePath
from townos.storage.space import SpaceGuard
from townos.storage.space_watch import SpaceWatch
from townos.storage.subjects import subject
from townos.storage.user_volumes import UserVolumes
from townos.supervision import Service, Supervisor
from townos.systemd.bus import Bus
from townos.systemd.directory import UnitDirectory
from townos.systemd.journal import Journal, JournalctlJournal
from townos.systemd.manager import BusSystemd, Systemd
from townos.vm.disk_images import DiskVmImages
from townos.vm.images import DIRECTORY
from townos.vm.qemu_img import QemuImg
from townos.vm.service import VmImageLibrary

log: Final = logging.getLogger(__name__)

GIT_HOME: Final = Path("/root")
"""Where the operator may put `.gitconfig` and `.ssh/known_hosts` for package repositories."""


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of a running appliance."""

    settings: Settings
    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    audit: AuditLog
    status: Status
    external_address: ExternalAddress
    operations: Operations
    repositories: Repositories
    installations: Installations
    inspection: Inspection
    upgrades: Upgrades
    bus: Bus
    systemd: Systemd
    service_control: ServiceControl
    journal: Journal
    catalogue: Catalogue
    user_volumes: UserVolumes
    history: History
    restorations: Restorations
    uploads: Uploads
    downloads: Downloads
    vm_images: DiskVmImages
    vm_image_library: VmImageLibrary
    space_watch: SpaceWatch
    boot: Boot
    database: Database
    supervisor: Supervisor

    def services(self) -> Mapping[str, Service]:
        """Return the background services by name; each is kept running by the supervisor."""
        return {
            "systemd": self.bus.serve,
            "sessions": self.sessions.serve,
            "external address": self.external_address.serve,
            "repositories": self._refresh_repositories,
            "disk images": self.vm_images.serve,
            "space": self.space_watch.serve,
        }

    async def _refresh_repositories(self) -> None:
        await self.boot.wait_ended()
        await self.repositories.serve()


@asynccontextmanager
async def built(configuration: Configuration, clock: Clock) -> AsyncIterator[House]:
    """Build the rooms and, in the end, close the database. Nothing is started yet."""
    reserve = Reserve(configuration.reserve)
    footing = Footing(DATABASE_RESERVE_BYTES, reserve, shared=configuration.test)
    async with Database.open(configuration.database, MIGRATIONS, footing) as database:
        yield _house(configuration, clock, database, await Settings.open(database), reserve)


def _house(
    configuration: Configuration, clock: Clock, database: Database, settings: Settings, reserve: Reserve
) -> House:
    supervisor = Supervisor(clock)
    accounts = Accounts(database, clock, PasswordHasher())
    sessions = Sessions(database, clock, TokenSigner.create(configuration.signing_key))
    audit = AuditLog(database, clock)
    external_address = ExternalAddress(clock, fetch_over_https, enabled=not configuration.test)
    operations = Operations(database, clock, CrashPoint.parse_all(configuration.crash or ""))
    volumes = BtrfsVolumes(configuration.btrfs, reserve)
    space = SpaceGuard(volumes.usage, settings)
    git = Libgit2Client(GIT_HOME)
    catalogue = Catalogue(configuration.repositories, git, load_manifest, version_key)
    repositories = Repositories(
        configuration.repositories,
        git=git,
        catalogue=catalogue,
        clock=clock,
        seeds=seeds(
            configuration.default_credentials,
            test=configuration.test,
            debug=configuration.debug,
            core_url=configuration.test_core_url,
            extras_url=configuration.test_extras_url,
        ),
        default_credentials=configuration.default_credentials,
    )
    vm_images = DiskVmImages(
        configuration.btrfs / DIRECTORY, QemuImg(), partial(settings.bytes, "max_vm_image_size"), clock, space
    )
    hosts = partial(_hosts, external_address)
    bus = Bus()
    systemd = BusSystemd(bus)
    services = UnitServices(systemd)
    journal = JournalctlJournal()
    boot = Boot()
    records = Records(configuration.repositories)
    parts = Parts(
        records=records,
        volumes=volumes,
        podman=CommandPodman(space.require_room, partial(trio.to_thread.run_sync, reserve.give_up)),
        services=services,
        units=UnitDirectory(configuration.units),
        network=NetworkStateFiles(configuration.network_state),
        log=journal,
        manifests=CheckoutManifests(configuration.repositories, git),
        troubles=Troubles(),
        installed=InstalledPackages(records, hosts),
        git=git,
        archives=ArchiveFiles(ArchiveStore(configuration.btrfs / "archives"), settings, space),
        vm_images=vm_images,
    )
    surroundings = Surroundings(
        network_mode=configuration.network_mode,
        listen_port=configuration.listen.port,
        sockets=ProcSockets(),
        settings=settings,
        hosts=hosts,
        clock=clock,
        space=space,
        seccomp=configuration.seccomp,
    )
    installations = Installations(parts, operations, surroundings, boot.require_ended)
    upgrades = Upgrades(parts, catalogue, settings)
    require_idle = partial(_require_idle, operations)
    reconciliation = Reconciliation(parts, installations.planner, operations)
    uploads = Uploads(volumes, services, settings, clock, operations, space=space)
    boot.plan(
        Stage("repositories", repositories.open),
        Stage("storage", partial(_open_storage, volumes, uploads)),
        Stage("containers", partial(write_profile, configuration.seccomp)),
        Stage("packages", reconciliation.run),
    )
    return House(
        settings=settings,
        accounts=accounts,
        sessions=sessions,
        sign_in=SignIn(accounts, sessions, LoginThrottle(clock)),
        audit=audit,
        status=Status(
            Inventory(
                catalogue=catalogue,
                repositories=repositories,
                records=records,
                upgrades=upgrades,
                systemd=systemd,
                volumes=volumes,
                pending=lambda: boot.pending,
                degraded=lambda: {**boot.failures, **parts.troubles.reasons(), **supervisor.degraded},
            ),
            accounts=accounts,
            audit=audit,
            settings=settings,
            external_address=external_address,
            clock=clock,
        ),
        external_address=external_address,
        operations=operations,
        repositories=repositories,
        installations=installations,
        inspection=Inspection(parts, installations.planner),
        upgrades=upgrades,
        bus=bus,
        systemd=systemd,
        service_control=ServiceControl(systemd, records, parts.troubles, operations.require_idle),
        journal=journal,
        catalogue=catalogue,
        user_volumes=UserVolumes(volumes, require_idle),
        history=History(volumes, settings, clock, require_idle),
        restorations=Restorations(parts, operations, settings, clock, boot.require_ended),
        uploads=uploads,
        downloads=Downloads(volumes, services),
        vm_images=vm_images,
        vm_image_library=VmImageLibrary(vm_images, operations, partial(disk_users, parts, operations.claims), space),
        space_watch=SpaceWatch(
            volumes, settings, audit, clock, (database.keep_free, partial(trio.to_thread.run_sync, reserve.make))
        ),
        boot=boot,
        database=database,
        supervisor=supervisor,
    )


def _hosts(external_address: ExternalAddress) -> HostNames:
    """Return how this machine is reached; without a known address from outside, the one in the home serves."""
    inside = internal_address()
    return HostNames(external_address.current or inside, inside)


async def _open_storage(volumes: BtrfsVolumes, uploads: Uploads) -> None:
    """Prepare the disk, and delete what crashes have left there but for what uploads are still going to need."""
    await volumes.ensure_roots(await uploads.handed_over())


def _require_idle(operations: Operations, volume: VolumePath) -> None:
    """Raise `Conflict` while an operation works on a volume or on the package that it belongs to."""
    package = subject(volume)
    operations.require_idle(package.repository, package.name)


def routes(house: House) -> Routes:
    """Return every route of the HTTP interface."""
    return (
        *account_routes.routes(house.accounts, house.sessions, house.sign_in),
        *archive_routes.routes(house.uploads, house.downloads),
        *audit_routes.routes(house.audit),
        *locale_routes.routes(lambda: house.settings.locale),
        *operation_routes.routes(house.operations),
        *package_routes.routes(
            package_routes.Rooms(house.catalogue, house.installations, house.inspection, house.upgrades)
        ),
        *repository_routes.routes(house.repositories),
        *setting_routes.routes(house.settings),
        *snapshot_routes.routes(house.history, house.restorations),
        *status_routes.routes(house.status),
        *storage_routes.routes(house.user_volumes),
        *systemd_routes.routes(house.systemd, house.service_control, house.journal, house.inspection.descriptions),
        *timezone_routes.routes(),
        *vm_image_routes.routes(house.vm_image_library),
    )


def application(house: House, configuration: Configuration) -> TownApp:
    """Return the HTTP interface of a house."""
    origins = Origins(socket.gethostname(), lambda: house.settings.allowed_hosts, any_origin=configuration.debug)
    ports = Ports(house.sessions.validate, house.audit.record, origins, lambda: house.settings.locale)
    return create_app(routes(house), ports)


async def serve(configuration: Configuration, environment: Mapping[str, str]) -> None:
    """Run the appliance until SIGTERM or SIGINT.

    HTTP answers before any slow work of the boot begins. When HTTP or the database fails this raises, the process ends,
    and systemd starts it again.
    """
    notifier = Notifier(environment)
    sockets = bind(configuration.listen.host, configuration.listen.port)
    async with built(configuration, SystemClock()) as house, open_nursery() as nursery:
        await house.sessions.clear()
        stop = trio.Event()
        await nursery.start(_set_on_signal, stop)
        app = application(house, configuration)
        http = partial(serve_http, app, sockets, stop.wait, on_stop=app.streams.end)
        await nursery.start(_until_it_ends, http, nursery.cancel_scope, notifier)
        await nursery.start(house.operations.serve)
        nursery.start_soon(app.streams.watch, house.sessions.alive)
        nursery.start_soon(house.boot.run)
        for name, service in house.services().items():
            house.supervisor.start(nursery, name, service)
        nursery.start_soon(notifier.serve_watchdog)
        nursery.start_soon(house.database.watch)


async def _until_it_ends(
    http: Callable[..., Awaitable[None]],
    everything: trio.CancelScope,
    notifier: Notifier,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Serve HTTP and tell the service manager; when it has stopped, stop everything else."""
    async with open_nursery() as nursery:
        await nursery.start(http)
        await notifier.ready()
        task_status.started()
    await notifier.stopping()
    everything.cancel()


async def _set_on_signal(stop: trio.Event, *, task_status: trio.TaskStatus[None]) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            stop.set()


def openapi_document() -> bytes:
    """Return the description of the HTTP interface. Needs nothing of a machine."""
    return trio.run(_openapi_document)


async def _openapi_document() -> bytes:
    with TemporaryDirectory(prefix="townos-") as directory:
        arguments = [f"-{name}={directory}/{name}" for name in ("db", "btrfs", "repo-dir", "network-state", "unit-dir")]
        configuration = parse(arguments, {})
        async with built(configuration, SystemClock()) as house:
            return application(house, configuration).description.document

"""The HTTP interface of a house: the routes of all its rooms."""

import socket
from tempfile import TemporaryDirectory

import trio

from townos.api.app import TownApp, create_app
from townos.api.dispatch import Ports
from townos.api.origins import Origins
from townos.api.routes import (
    accounts,
    archives,
    audit,
    locales,
    operations,
    packages,
    repositories,
    settings,
    snapshots,
    status,
    storage,
    systemd,
    timezones,
    vm_images,
)
from townos.api.routing import Routes
from townos.app.composition.build import House, built
from townos.app.configuration import parse
from townos.clock import SystemClock


def application(house: House) -> TownApp:
    """Return the HTTP interface of a house."""
    ground = house.ground
    origins = Origins(
        socket.gethostname(), lambda: ground.settings.allowed_hosts, any_origin=ground.configuration.debug
    )
    ports = Ports(house.people.sessions.validate, ground.audit.record, origins, lambda: ground.settings.locale)
    return create_app(routes(house), ports)


def routes(house: House) -> Routes:
    """Return every route."""
    ground, people, machine = house.ground, house.people, house.machine
    stored, packed = house.storage, house.packages
    rooms = packages.Rooms(packed.catalogue, packed.installations, packed.inspection, packed.upgrades)
    return (
        *accounts.routes(people.accounts, people.sessions, people.sign_in),
        *archives.routes(stored.uploads, stored.downloads),
        *audit.routes(ground.audit),
        *locales.routes(lambda: ground.settings.locale),
        *operations.routes(ground.operations),
        *packages.routes(rooms),
        *repositories.routes(packed.repositories),
        *settings.routes(ground.settings),
        *snapshots.routes(stored.history, packed.restorations),
        *status.routes(house.status),
        *storage.routes(stored.user_volumes),
        *systemd.routes(machine.systemd, packed.control, machine.journal, packed.inspection.descriptions),
        *timezones.routes(),
        *vm_images.routes(packed.vm_image_library),
    )


def openapi_document() -> bytes:
    """Return the description of the HTTP interface. Needs nothing of a machine."""
    return trio.run(_openapi_document)


async def _openapi_document() -> bytes:
    with TemporaryDirectory(prefix="townos-") as directory:
        arguments = [f"-{name}={directory}/{name}" for name in ("db", "btrfs", "repo-dir", "network-state", "unit-dir")]
        async with built(parse(arguments, {}), SystemClock()) as house:
            return application(house).description.document

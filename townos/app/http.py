"""Where the routes are wired: the HTTP interface of an appliance."""

import socket
from tempfile import TemporaryDirectory

import trio

from townos.api import routes
from townos.api.app import TownApp, create_app
from townos.api.dispatch import DispatcherPorts
from townos.api.origins import Origins
from townos.api.routing import Routes
from townos.app.adapters import real_adapters
from townos.app.build import Appliance, build
from townos.app.configuration import parse


def application(appliance: Appliance) -> TownApp:
    """Return the HTTP interface of an appliance."""
    core = appliance.core
    origins = Origins(socket.gethostname(), lambda: core.settings.allowed_hosts, any_origin=core.configuration.debug)
    authenticate = appliance.accounts.sessions.validate
    ports = DispatcherPorts(authenticate, core.audit.record, origins, lambda: core.settings.locale)
    return create_app(all_routes(appliance), ports)


def all_routes(appliance: Appliance) -> Routes:
    """Return every route."""
    core, adapters, accounts = appliance.core, appliance.adapters, appliance.accounts
    storage, packages, installed = appliance.storage, appliance.packages, appliance.packages.installed
    package_services = routes.packages.PackageServices(
        packages.catalogue, installed.installations, installed.inspection, installed.upgrades
    )
    return (
        *routes.accounts.routes(accounts.accounts, accounts.sessions, accounts.sign_in),
        *routes.archives.routes(storage.uploads, storage.downloads),
        *routes.audit.routes(core.audit),
        *routes.locales.routes(lambda: core.settings.locale),
        *routes.operations.routes(core.operations),
        *routes.packages.routes(package_services),
        *routes.repositories.routes(packages.repositories),
        *routes.settings.routes(core.settings),
        *routes.snapshots.routes(storage.history, installed.restorations),
        *routes.status.routes(appliance.status),
        *routes.storage.routes(storage.user_volumes),
        *routes.systemd.routes(
            adapters.systemd, installed.control, adapters.journal, installed.inspection.descriptions
        ),
        *routes.timezones.routes(),
        *routes.vm_images.routes(packages.vm_image_library),
    )


def openapi_document() -> bytes:
    """Return the description of the HTTP interface. Drives no part of the machine."""
    return trio.run(_openapi_document)


async def _openapi_document() -> bytes:
    with TemporaryDirectory(prefix="townos-") as directory:
        flags = [f"-{name}={directory}/{name}" for name in ("db", "btrfs", "repo-dir", "network-state", "unit-dir")]
        configuration = parse(flags, {})
        async with build(configuration, real_adapters(configuration)) as appliance:
            return application(appliance).description.document

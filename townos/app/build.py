"""The composition root: every service is built once and handed what it needs. Nothing is started yet."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from townos.app.adapters import Adapters
from townos.app.boot import Stage
from townos.app.composition.accounts import AccountServices
from townos.app.composition.core import Core
from townos.app.composition.packages import PackageServices
from townos.app.composition.storage import StorageServices
from townos.app.configuration import Configuration
from townos.app.supervision import Service
from townos.containers.seccomp import write_profile
from townos.status.inventory import Inventory
from townos.status.report import Status


@dataclass(frozen=True, slots=True)
class Appliance:
    """All services of one appliance."""

    adapters: Adapters
    core: Core
    accounts: AccountServices
    storage: StorageServices
    packages: PackageServices
    status: Status

    def background_services(self) -> Mapping[str, Service]:
        """Return what runs in the background, by name; the supervisor keeps each of them running."""
        return {
            **self.adapters.background,
            "sessions": self.accounts.sessions.serve,
            "external address": self.core.external_address.serve,
            "repositories": self._refresh_repositories,
            "disk images": self.packages.vm_images.serve,
            "space": self.storage.watch.serve,
        }

    async def _refresh_repositories(self) -> None:
        await self.core.boot.wait_ended()
        await self.packages.repositories.serve()


@asynccontextmanager
async def build(configuration: Configuration, adapters: Adapters) -> AsyncIterator[Appliance]:
    """Build an appliance and, in the end, close its database. Its boot is planned, but not run."""
    async with Core.open(configuration, adapters) as core:
        storage = StorageServices.build(core, adapters)
        packages = PackageServices.build(core, adapters, storage)
        core.boot.plan(
            Stage("repositories", packages.repositories.open),
            Stage("storage", storage.open),
            Stage("containers", partial(write_profile, configuration.seccomp)),
            Stage("packages", partial(_reconcile, core, packages)),
        )
        accounts = AccountServices.build(core, adapters)
        status = _status(core, adapters, accounts, storage, packages)
        yield Appliance(adapters, core, accounts, storage, packages, status)


async def _reconcile(core: Core, packages: PackageServices) -> None:
    await core.operations.wait_serving()  # what an operation still works on is not touched
    await packages.installed.reconciliation.run()


def _status(
    core: Core, adapters: Adapters, accounts: AccountServices, storage: StorageServices, packages: PackageServices
) -> Status:
    boot, start_failures, supervisor = core.boot, packages.installed.start_failures, core.supervisor
    inventory = Inventory(
        catalogue=packages.catalogue,
        repositories=packages.repositories,
        records=packages.installed.records,
        upgrades=packages.installed.upgrades,
        systemd=adapters.systemd,
        volumes=storage.volumes,
        pending=lambda: boot.pending,
        degraded=lambda: {**boot.failures, **start_failures.reasons(), **supervisor.degraded},
    )
    return Status(
        inventory,
        accounts=accounts.accounts,
        audit=core.audit,
        settings=core.settings,
        external_address=core.external_address,
        clock=core.clock,
    )

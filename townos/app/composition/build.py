"""All floors together, what is done at boot, and what goes on in the background."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from townos.app.boot import Stage
from townos.app.composition.accounts import People
from townos.app.composition.core import Ground
from townos.app.composition.packages import Packages
from townos.app.composition.storage import Storage
from townos.app.composition.systemd import Machine
from townos.app.configuration import Configuration
from townos.app.supervision import Service
from townos.clock import Clock
from townos.containers.seccomp import write_profile
from townos.status.inventory import Inventory
from townos.status.report import Status


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of a running appliance."""

    ground: Ground
    people: People
    machine: Machine
    storage: Storage
    packages: Packages
    status: Status

    def services(self) -> Mapping[str, Service]:
        """Return the background services by name; each is kept running by the supervisor."""
        return {
            "systemd": self.machine.bus.serve,
            "sessions": self.people.sessions.serve,
            "external address": self.ground.external_address.serve,
            "repositories": self._refresh_repositories,
            "disk images": self.packages.vm_images.serve,
            "space": self.storage.watch.serve,
        }

    async def _refresh_repositories(self) -> None:
        await self.ground.boot.wait_ended()
        await self.packages.repositories.serve()


@asynccontextmanager
async def built(configuration: Configuration, clock: Clock) -> AsyncIterator[House]:
    """Build the rooms and, in the end, close the database. Nothing is started yet."""
    async with Ground.laid(configuration, clock) as ground:
        people, machine = People.on(ground), Machine.found()
        storage = Storage.on(ground, machine)
        packages = Packages.on(ground, machine, storage)
        ground.boot.plan(
            Stage("repositories", packages.repositories.open),
            Stage("storage", storage.open),
            Stage("containers", partial(write_profile, configuration.seccomp)),
            Stage("packages", packages.reconciliation.run),
        )
        yield House(ground, people, machine, storage, packages, _status(ground, people, machine, storage, packages))


def _status(ground: Ground, people: People, machine: Machine, storage: Storage, packages: Packages) -> Status:
    boot, troubles, supervisor = ground.boot, packages.parts.troubles, ground.supervisor
    inventory = Inventory(
        catalogue=packages.catalogue,
        repositories=packages.repositories,
        records=packages.parts.records,
        upgrades=packages.upgrades,
        systemd=machine.systemd,
        volumes=storage.volumes,
        pending=lambda: boot.pending,
        degraded=lambda: {**boot.failures, **troubles.reasons(), **supervisor.degraded},
    )
    return Status(
        inventory,
        accounts=people.accounts,
        audit=ground.audit,
        settings=ground.settings,
        external_address=ground.external_address,
        clock=ground.clock,
    )

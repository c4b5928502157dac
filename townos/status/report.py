"""The state of the appliance on one page: what `GET /status/ping` tells.

A stranger learns only whether the machine still waits for its first administrator, from memory. Whoever is signed in
gets everything; its parts are asked at the same time, and one that fails or takes too long is left out.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

import trio

from townos.accounts.accounts import AccountCounts, Accounts
from townos.audit.log import AuditLog
from townos.clock import Clock
from townos.concurrency import open_nursery
from townos.errors import TownError
from townos.i18n import Term
from townos.limits import STATUS_PART_TIMEOUT_SECONDS
from townos.names import SYSTEM_UNIT_PREFIX, PackageId
from townos.settings.settings import Settings
from townos.status.addresses import ExternalAddress, internal_address
from townos.storage.space.guard import Space, Thresholds, judged
from townos.storage.user_volumes import Filesystem
from townos.storage.volumes import DiskUsage

log: Final = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """How many repositories there are, and the error of each that has one, by name."""

    count: int = 0
    errors: Mapping[str, Term] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """How many package names the repositories offer, what is installed, and what could be upgraded."""

    available: int = 0
    installed: Sequence[PackageId] = ()
    upgrades_available: int = 0
    upgrades_dismissed: bool = False


@dataclass(frozen=True, slots=True)
class VolumeCounts:
    """How many leaf volumes there are of each kind."""

    user: int = 0
    installed: int = 0
    uninstalled: int = 0


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """Units by their active state; `total` counts the other states too."""

    total: int = 0
    active: int = 0
    failed: int = 0


class StatusSources(Protocol):
    """What other rooms know. Each may raise a `TownError`, and then its part of the status is missing."""

    async def repositories(self) -> RepositoryFacts:
        """Return the repositories' part."""

    async def packages(self) -> PackageFacts:
        """Return the packages' part."""

    async def unit_states(self) -> Mapping[str, str]:
        """Return the active state of each unit of this appliance, by name."""

    async def volumes(self) -> VolumeCounts:
        """Return the volumes' part."""

    async def disk_usage(self) -> DiskUsage:
        """Return how full the disk is."""

    async def full_volumes(self, percent: int) -> Sequence[Filesystem]:
        """Return the volumes that use at least so much of their quota."""

    def pending(self) -> Sequence[str]:
        """Return what the boot has still to do."""

    def degraded(self) -> Mapping[str, Term]:
        """Return the errors of parts of the appliance that do not work at present, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a person who is signed in may see. A part that is not known is `None` or zero."""

    repositories: RepositoryFacts
    packages: PackageFacts
    volumes: VolumeCounts
    accounts: AccountCounts
    units: UnitCounts
    system_services: UnitCounts
    recent_errors: int
    external_address: str
    internal_address: str
    disk_usage: DiskUsage | None
    space: Space | None
    thresholds: Thresholds
    default_quota: int
    full_volumes: Sequence[Filesystem]
    timezone_offset_minutes: int
    locale: str
    pending: Sequence[str]
    degraded: Mapping[str, Term]

    @property
    def needs_setup(self) -> bool:
        """Whether no administrator is enabled. That there are no accounts at all only means that they are not known."""
        return self.accounts.accounts > 0 and self.accounts.admins == 0


class Status:
    """Gathers the status."""

    def __init__(
        self,
        sources: StatusSources,
        *,
        accounts: Accounts,
        audit: AuditLog,
        settings: Settings,
        external_address: ExternalAddress,
        clock: Clock,
        part_timeout_seconds: float = STATUS_PART_TIMEOUT_SECONDS,
    ) -> None:
        self._sources = sources
        self._accounts = accounts
        self._audit = audit
        self._settings = settings
        self._external_address = external_address
        self._clock = clock
        self._part_timeout_seconds = part_timeout_seconds

    async def needs_setup(self) -> bool:
        """Tell whether the first administrator is still missing."""
        return await self._accounts.needs_setup()

    async def report(self) -> Report:
        """Gather everything."""
        repositories = _Part(self._sources.repositories, RepositoryFacts())
        packages = _Part(self._sources.packages, PackageFacts())
        states = _Part[Mapping[str, str]](self._sources.unit_states, {})
        volumes = _Part(self._sources.volumes, VolumeCounts())
        disk_usage = _Part[DiskUsage | None](self._sources.disk_usage, None)
        thresholds = await Thresholds.of(self._settings)
        full_volumes = _Part[Sequence[Filesystem]](partial(self._sources.full_volumes, thresholds.warn), ())
        accounts = _Part(self._accounts.counts, AccountCounts(0, 0))
        recent_errors = _Part(self._audit.recent_errors, 0)
        await self._ask(repositories, packages, states, volumes, disk_usage, full_volumes, accounts, recent_errors)
        installed = {str(package.unit) for package in packages.value.installed}
        return Report(
            repositories=repositories.value,
            packages=packages.value,
            volumes=volumes.value,
            accounts=accounts.value,
            units=count_units(states.value, installed.__contains__),
            system_services=count_units(states.value, _is_system_service),
            recent_errors=recent_errors.value,
            external_address=self._external_address.current,
            internal_address=internal_address(),
            disk_usage=disk_usage.value,
            space=await judged(disk_usage.value, self._settings) if disk_usage.value else None,
            thresholds=thresholds,
            default_quota=await self._settings.bytes("default_quota"),
            full_volumes=full_volumes.value,
            timezone_offset_minutes=local_offset_minutes(self._clock),
            locale=self._settings.locale,
            pending=self._sources.pending(),
            degraded=self._sources.degraded(),
        )

    async def _ask(self, *parts: "_Part[Any]") -> None:
        async with open_nursery() as nursery:
            for part in parts:
                nursery.start_soon(part.ask, self._part_timeout_seconds)


class _Part(Generic[T]):
    """One part of the report: its value once `ask` has got it, the default before and otherwise."""

    def __init__(self, ask: Callable[[], Awaitable[T]], default: T) -> None:
        self._ask = ask
        self.value = default

    async def ask(self, timeout_seconds: float) -> None:
        try:
            with trio.fail_after(timeout_seconds):
                self.value = await self._ask()
        except (TownError, OSError, trio.TooSlowError) as error:
            log.debug("status: %s is missing: %s", self._ask, error)


def count_units(states: Mapping[str, str], counts: Callable[[str], bool]) -> UnitCounts:
    """Count the units whose name `counts`."""
    chosen = [state for name, state in states.items() if counts(name)]
    return UnitCounts(len(chosen), chosen.count("active"), chosen.count("failed"))


def local_offset_minutes(clock: Clock) -> int:
    """Return how far the local time is ahead of UTC, in minutes."""
    time.tzset()  # the time zone may have been changed since the start
    offset = clock.now().astimezone().utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def _is_system_service(name: str) -> bool:
    return name.startswith(SYSTEM_UNIT_PREFIX) and name.endswith(".service")

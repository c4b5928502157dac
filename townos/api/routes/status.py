"""The route of the status: next to nothing for strangers, everything for whoever is signed in."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get
from townos.i18n import Term
from townos.status.report import Report, Status, UnitCounts
from townos.storage.user_volumes import Filesystem


class Units(msgspec.Struct, frozen=True):
    """Units by their active state."""

    total: int
    active: int
    failed: int


class Disk(msgspec.Struct, frozen=True):
    """The disk, in bytes."""

    total: int
    used: int
    available: int


class FullVolume(msgspec.Struct, frozen=True, omit_defaults=True):
    """A volume that uses nearly all of its quota, in bytes, or all of it."""

    name: str
    quota: int
    referenced: int
    internal_name: str = ""


class SpaceThresholds(msgspec.Struct, frozen=True):
    """From which percent of its size or quota on the disk or a volume is nearly full, and full."""

    warn: int
    stop: int


_DEFAULT_QUOTA: Final = "The quota of a volume for which nobody says another one, in bytes."


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """The status; without a valid token only `status`, and `needs_setup` while it is true."""

    status: Literal["ok"]
    filesystems: int | UnsetType = UNSET
    repositories: int | UnsetType = UNSET
    packages: int | UnsetType = UNSET
    installed: int | UnsetType = UNSET
    accounts: int | UnsetType = UNSET
    admins: int | UnsetType = UNSET
    units: Units | UnsetType = UNSET
    system_services: Units | UnsetType = UNSET
    recent_errors: int | UnsetType = UNSET
    needs_setup: bool | UnsetType = UNSET
    external_ip: str | UnsetType = UNSET
    internal_ip: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    installed_volumes: int | UnsetType = UNSET
    uninstalled_volumes: int | UnsetType = UNSET
    disk_usage: Disk | UnsetType = UNSET
    space: Literal["ok", "low", "full"] | UnsetType = UNSET
    space_thresholds: SpaceThresholds | UnsetType = UNSET
    default_quota: Annotated[int, Meta(description=_DEFAULT_QUOTA)] | UnsetType = UNSET
    full_volumes: list[FullVolume] | UnsetType = UNSET
    upgrades_available: int | UnsetType = UNSET
    upgrades_dismissed: bool | UnsetType = UNSET
    repository_errors: dict[str, str] | UnsetType = UNSET
    timezone_offset: int | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    boot: list[str] | UnsetType = UNSET
    degraded: dict[str, str] | UnsetType = UNSET


_READY = Ping(status="ok")
_NEEDS_SETUP = Ping(status="ok", needs_setup=True)


def routes(status: Status) -> Routes:
    """Return the routes of this area."""

    async def ping(call: Call) -> Ping:
        if call.account is None:
            return _NEEDS_SETUP if await status.needs_setup() else _READY
        return _full(await status.report(), call.account.username)

    return (get("/status/ping", ping, Auth.PUBLIC),)


def _full(report: Report, username: str) -> Ping:
    return Ping(
        status="ok",
        filesystems=report.volumes.user,
        repositories=report.repositories.count,
        packages=report.packages.available,
        installed=len(report.packages.installed),
        accounts=report.accounts.accounts,
        admins=report.accounts.admins,
        units=_units(report.units),
        system_services=_units(report.system_services) if report.system_services.total else UNSET,
        recent_errors=report.recent_errors,
        needs_setup=report.needs_setup or UNSET,
        external_ip=report.external_address or UNSET,
        internal_ip=report.internal_address or UNSET,
        username=username,
        installed_volumes=report.volumes.installed,
        uninstalled_volumes=report.volumes.uninstalled,
        disk_usage=_disk(report),
        space=report.space or UNSET,
        space_thresholds=SpaceThresholds(report.thresholds.warn, report.thresholds.stop),
        default_quota=report.default_quota,
        full_volumes=[_full_volume(volume) for volume in report.full_volumes] or UNSET,
        upgrades_available=report.packages.upgrades_available,
        upgrades_dismissed=report.packages.upgrades_dismissed or UNSET,
        repository_errors=_texts(report.repositories.errors, report.locale),
        timezone_offset=report.timezone_offset_minutes,
        locale=report.locale,
        boot=list(report.pending) or UNSET,
        degraded=_texts(report.degraded, report.locale),
    )


def _units(counts: UnitCounts) -> Units:
    return Units(counts.total, counts.active, counts.failed)


def _full_volume(volume: Filesystem) -> FullVolume:
    return FullVolume(volume.name, volume.quota, volume.referenced, volume.internal_name)


def _disk(report: Report) -> Disk | UnsetType:
    usage = report.disk_usage
    return UNSET if usage is None else Disk(usage.total, usage.used, usage.available)


def _texts(terms: Mapping[str, Term], locale: str) -> dict[str, str] | UnsetType:
    return {name: term.text(locale) for name, term in terms.items()} or UNSET

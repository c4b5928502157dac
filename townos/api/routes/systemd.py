"""Routes of the services: their state, starting and stopping them, and their logs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import msgspec

from townos.api.call import Call
from townos.api.http.sse import EventStream, event, told
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.requests import ListQuery, Name, Request, Text, whole_number
from townos.errors import FieldError, Forbidden, Invalid, Malformed, NotFound, at_field
from townos.installations.service_control import ServiceControl
from townos.limits import JOURNAL_LINES_DEFAULT
from townos.names import CONTROLLER_UNIT, PACKAGE_UNIT_PREFIX, PAGES_UNIT, SYSTEM_UNIT_PREFIX, PackageId, UnitName
from townos.systemd.entries import JournalEntry
from townos.systemd.journal import Filter, Gap, Happening, Journal, Span, unit_filter
from townos.systemd.manager import Systemd, UnitStatus

EMBEDDED: Final = ("Name", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState")
"""The fields that are systemd's: the list is not sorted by them (docs/api.md, Lists)."""
ACTIONS: Final = ("start", "stop", "restart", "enable", "disable")
GAP: Final = b": gap\n\n"

CONTROLLER_REFUSALS: Final = {
    "start": "unit.controller_runs",
    "stop": "unit.cannot_stop_controller",
    "enable": "unit.enable_disable_not_allowed",
    "disable": "unit.enable_disable_not_allowed",
}

Installed = Callable[[], Awaitable[Mapping[PackageId, str]]]
"""Gives the installed packages and their descriptions."""


class SetStatus(Request):
    """A unit and what is to be done with it."""

    name: Name = ""
    action: Name = ""


class LogQuery(Request):
    """A log to follow: a unit's, or with an empty name the system's; from a cursor on if there is one."""

    unit: Text = ""
    after: Text = ""


class TailQuery(Request):
    """A page of a log. Numbers come as texts, since a wrong one is told apart from none."""

    unit: Text = ""
    lines: Text = ""
    before: Text = ""
    after: Text = ""
    grep: Text = ""
    since: Text = ""
    until: Text = ""
    priority: Text = ""


class UnitObject(msgspec.Struct, frozen=True, kw_only=True):
    """A service of an installed package; the keys of its state are systemd's."""

    Name: str
    Description: str
    LoadState: str
    ActiveState: str
    SubState: str
    UnitFileState: str
    package_identifier: str | msgspec.UnsetType = msgspec.UNSET
    package_description: str | msgspec.UnsetType = msgspec.UNSET


class TailObject(msgspec.Struct, frozen=True):
    """A page of a log, oldest entry first."""

    entries: list[JournalEntry]
    cursor: str
    end_cursor: str


def routes(systemd: Systemd, control: ServiceControl, journal: Journal, installed: Installed) -> Routes:
    """Return the routes of this area."""

    async def units(_: Call, query: ListQuery) -> Page[UnitObject]:
        found = _units(await systemd.list_units([f"{PACKAGE_UNIT_PREFIX}*.service"]), await installed())
        return page(found, query, unsortable=EMBEDDED)

    async def set_status(_: Call, body: SetStatus) -> None:
        await _act(systemd, control, at_field("name", UnitName.parse, body.name), body.action)

    async def logs(call: Call, query: LogQuery) -> EventStream:
        after = call.last_event_id or query.after
        unit = at_field("unit", unit_filter, query.unit)
        return EventStream(_followed(journal, unit, after, secrets=call.admin))

    async def tail(call: Call, query: TailQuery) -> TailObject:
        found = await journal.tail(_span(query), _filter(query))
        entries = found.entries if call.admin else map(_without_command_line, found.entries)
        return TailObject(list(entries), found.cursor, found.end_cursor)

    return (
        get("/systemd/units", units, Auth.SESSION),
        post("/systemd/status", set_status, Auth.ADMIN, audit="set_unit_status"),
        get("/systemd/logs", logs, Auth.SESSION),
        get("/systemd/logs/tail", tail, Auth.SESSION),
    )


def _units(statuses: Sequence[UnitStatus], installed: Mapping[PackageId, str]) -> list[UnitObject]:
    """Return the main services of installed packages; what an uninstalled one left behind is nobody's."""
    packages: dict[str, tuple[PackageId, str]] = {
        package.unit: (package, description) for package, description in installed.items()
    }
    return [_object(status, *packages[status.name]) for status in statuses if status.name in packages]


def _object(status: UnitStatus, package: PackageId, description: str) -> UnitObject:
    return UnitObject(
        Name=status.name,
        Description=status.description,
        LoadState=status.load_state,
        ActiveState=status.active_state,
        SubState=status.sub_state,
        UnitFileState=status.unit_file_state,
        package_identifier=str(package),
        package_description=description or msgspec.UNSET,
    )


async def _act(systemd: Systemd, control: ServiceControl, unit: UnitName, action: str) -> None:
    """Carry out an action on a unit of this appliance. Raises `Invalid`, `Forbidden`, `Malformed`, `NotFound`."""
    if action not in ACTIONS:
        raise Invalid.at("action", "unit.invalid_action", action)
    if unit == CONTROLLER_UNIT:
        if action != "restart":
            raise Malformed(CONTROLLER_REFUSALS[action])
        await systemd.restart_later(unit)
        return
    if unit.startswith(SYSTEM_UNIT_PREFIX) and action in {"enable", "disable"}:
        raise Malformed("unit.enable_disable_not_allowed")
    if not (unit.startswith(PACKAGE_UNIT_PREFIX) or unit == PAGES_UNIT):
        raise Forbidden("unit.foreign", unit)
    if (await systemd.status(unit)).load_state == "not-found":
        raise NotFound("unit.not_found", unit)
    await getattr(control, action)(unit)


def _span(query: TailQuery) -> Span:
    return Span(
        lines=_number("lines", query.lines, JOURNAL_LINES_DEFAULT),
        before=query.before,
        after=query.after,
        since=_number("since", query.since),
        until=_number("until", query.until),
    )


def _filter(query: TailQuery) -> Filter:
    return Filter(
        unit=at_field("unit", unit_filter, query.unit), grep=query.grep, priority=_number("priority", query.priority)
    )


def _number(name: str, text: str, default: int = 0) -> int:
    if not text:
        return default
    number = whole_number(text)
    if number is None:
        field = FieldError(name, "journal.bad_parameter", (name, text))
        raise Malformed("journal.bad_parameter", name, text, fields=[field])
    return number


def _without_command_line(entry: JournalEntry) -> JournalEntry:
    """Return an entry as everybody may see it: the command line of `podman run` has the secrets of a package."""
    return msgspec.structs.replace(entry, Cmdline="")


@asynccontextmanager
async def _followed(
    journal: Journal, unit: UnitName | None, after: str, *, secrets: bool
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with journal.follow(unit, after) as follower:
        yield told(follower.read, partial(_event, secrets=secrets))


def _event(happening: Happening, *, secrets: bool) -> bytes:
    if isinstance(happening, Gap):
        return GAP
    entry = happening if secrets else _without_command_line(happening)
    return event(msgspec.json.encode(entry), identity=entry.Cursor)

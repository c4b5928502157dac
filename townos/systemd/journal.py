"""The journal, through `journalctl`: pages of a unit's log, and its log as it is written.

The lines of a unit are those of `journalctl -u`: its own, the manager's about it, and those that name it.
"""

import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from townos.errors import FieldError, Internal, Malformed, Unavailable
from townos.limits import (
    JOURNAL_CALL_TIMEOUT_SECONDS,
    JOURNAL_CHUNK_BYTES,
    JOURNAL_LINE_MAX_BYTES,
    JOURNAL_LINES_MAX,
)
from townos.names import UnitName
from townos.process import Child, stream
from townos.systemd.entries import JournalEntry, decoded

SYSTEM: Final = "__system__"
"""Stands for the whole journal; so does an empty name."""

_CURSOR: Final = re.compile(
    r"s=[0-9a-f]{32};i=[0-9a-f]{1,16};b=[0-9a-f]{32};m=[0-9a-f]{1,16};t=[0-9a-f]{1,16};x=[0-9a-f]{1,16}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries: of a unit, or all; containing a text in any case; at least as urgent as a syslog severity."""

    unit: UnitName | None = None
    grep: str = ""
    priority: int = 0
    """1 to 7; 0 takes everything. Entries without a priority are always taken."""

    def matches(self, entry: JournalEntry) -> bool:
        """Tell whether an entry passes what `journalctl` is not asked to filter."""
        if self.grep and self.grep.casefold() not in entry.Message.casefold():
            return False
        urgency = entry.Priority
        return not (self.priority and urgency.isdigit() and int(urgency) > self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a page begins and which way it goes. Times are Unix seconds; 0 means not set."""

    lines: int = 100
    before: str = ""
    after: str = ""
    since: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Entries, oldest first, and the cursors of the first and the last one."""

    entries: Sequence[JournalEntry]

    @property
    def cursor(self) -> str:
        """The first entry's cursor."""
        return self.entries[0].Cursor if self.entries else ""

    @property
    def end_cursor(self) -> str:
        """The last entry's cursor."""
        return self.entries[-1].Cursor if self.entries else ""


@dataclass(frozen=True, slots=True)
class Gap:
    """The cursor to go on from is not in the journal any more; what follows begins with the oldest entry."""


Happening = JournalEntry | Gap


class Journal(Protocol):
    """The port to the journal."""

    async def tail(self, span: Span, which: Filter) -> JournalPage:
        """Return a page. Raises `Malformed` for a cursor that is none."""

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""

    def follow(self, unit: UnitName | None, after: str = "") -> AbstractAsyncContextManager["Follower"]:
        """Replay a log, after a cursor if there is one, and go on as it is written. Raises `Malformed`."""


class Follower(Protocol):
    """A log that is being followed."""

    async def read(self) -> list[Happening]:
        """Wait for entries and return all that have come. Cancelling it loses none."""


class JournalctlFollower:
    """Reads what a `journalctl --follow` prints."""

    def __init__(self, child: Child, first: Sequence[Happening]) -> None:
        self._child = child
        self._ready: list[Happening] = list(first)
        self._rest = bytearray()

    async def read(self) -> list[Happening]:
        """Wait for entries and return all that have come. Raises `ProcessFailed` when there is nothing to follow."""
        while not self._ready:
            chunk = await self._child.stdout.receive_some(JOURNAL_CHUNK_BYTES)
            if not chunk:
                await self._child.check()
                raise Unavailable("journal.ended")
            self._ready.extend(map(decoded, self._lines(chunk)))
        ready, self._ready = self._ready, []
        return ready

    def _lines(self, chunk: bytes | bytearray) -> list[bytes]:
        self._rest += chunk
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        if len(rest) > JOURNAL_LINE_MAX_BYTES:
            raise Internal("journal.line_too_long", JOURNAL_LINE_MAX_BYTES)
        return [bytes(line) for line in lines if line]


class JournalctlJournal:
    """The machine's journal; `command` is the program and, for tests, where the journal's files are."""

    def __init__(self, command: Sequence[str] = ("journalctl",)) -> None:
        self._command = (*command, "--output=json", "--no-pager", "--quiet", "--all")

    async def tail(self, span: Span, which: Filter) -> JournalPage:
        """Return a page. Raises `Malformed` for a cursor that is none."""
        lines = min(max(span.lines, 0), JOURNAL_LINES_MAX)
        forward = bool(span.after or (span.since and not span.before))
        argv = [*self._unit(which.unit), *self._bounds(span), *(() if forward else ("--reverse",))]
        found: deque[JournalEntry] = deque()
        with trio.fail_after(JOURNAL_CALL_TIMEOUT_SECONDS):
            async with self._started(argv) as reader:
                while len(found) < lines and (entry := await reader.next()):
                    if entry.Cursor != span.before and which.matches(entry):
                        (found.append if forward else found.appendleft)(entry)
        return JournalPage(tuple(found))

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""
        page = await self.tail(Span(lines=lines), Filter(unit=unit))
        return [entry.Message for entry in page.entries]

    @asynccontextmanager
    async def follow(self, unit: UnitName | None, after: str = "") -> AsyncIterator[Follower]:
        """Replay a log, after a cursor if there is one, and go on as it is written. Raises `Malformed`."""
        lost = bool(after) and not await self._has(after)
        start = (f"--after-cursor={after}",) if after and not lost else ()
        argv = [*self._command, "--follow", "--no-tail", *self._unit(unit), *start]
        async with stream(argv) as child:
            yield JournalctlFollower(child, [Gap()] if lost else [])

    async def _has(self, cursor: str) -> bool:
        """Tell whether the entry of a cursor is still there; seeking goes to the nearest one otherwise."""
        with trio.fail_after(JOURNAL_CALL_TIMEOUT_SECONDS):
            async with self._started([f"--cursor={checked_cursor(cursor)}", "--lines=1"]) as reader:
                entry = await reader.next()
        return entry is not None and entry.Cursor == cursor

    def _unit(self, unit: UnitName | None) -> tuple[str, ...]:
        return (f"--unit={unit}",) if unit else ()

    def _bounds(self, span: Span) -> list[str]:
        if span.after:
            cursor = [f"--after-cursor={checked_cursor(span.after)}"]
        elif span.before:
            return [f"--cursor={checked_cursor(span.before)}"]
        else:
            cursor = [f"--since=@{span.since}"] if span.since else []
        return cursor + ([f"--until=@{span.until}"] if span.until else [])

    @asynccontextmanager
    async def _started(self, argv: Sequence[str]) -> AsyncIterator["_Reader"]:
        async with stream([*self._command, *argv]) as child:
            yield _Reader(child)


class _Reader:
    """Entries of a `journalctl` that ends by itself, one by one."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._follower = JournalctlFollower(child, [])
        self._entries: deque[JournalEntry] = deque()

    async def next(self) -> JournalEntry | None:
        """Return the next entry, `None` after the last one. Raises `ProcessFailed`."""
        while not self._entries:
            try:
                happenings = await self._follower.read()
            except Unavailable:
                return None
            self._entries.extend(one for one in happenings if isinstance(one, JournalEntry))
        return self._entries.popleft()


def unit_filter(text: str) -> UnitName | None:
    """Return the unit that a request means, `None` for the whole journal. Raises `Invalid` for what is no unit name."""
    return None if text in {"", SYSTEM} else UnitName.parse(text)


def checked_cursor(cursor: str) -> str:
    """Return a cursor that can be one of the journal's. Raises `Malformed`."""
    if _CURSOR.fullmatch(cursor) is None:
        raise Malformed("journal.bad_cursor", fields=[FieldError("after", "journal.bad_cursor")])
    return cursor

"""The journal, through `journalctl`: pages of a unit's log, and its log as it is written.

The lines of a unit are those of `journalctl -u`: its own, the manager's about it, and those that name it.
"""

import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from townos.concurrency import Places
from townos.errors import Malformed, Unavailable
from townos.i18n import Seconds
from townos.limits import (
    JOURNAL_CALL_TIMEOUT_SECONDS,
    JOURNAL_CHUNK_BYTES,
    JOURNAL_FOLLOWERS_MAX,
    JOURNAL_LINE_MAX_BYTES,
    JOURNAL_LINES_MAX,
    JOURNAL_PAGE_MAX_CHARS,
    JOURNAL_TIME_MAX_SECONDS,
)
from townos.names import UnitName
from townos.posix.process import Child, stream
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
    """Entries are missing here.

    Either the cursor to go on from is not in the journal any more, and what follows begins with the oldest entry; or
    one entry was too long to be shown.
    """


Happening = JournalEntry | Gap


class Journal(Protocol):
    """The port to the journal."""

    async def tail(self, span: Span, which: Filter) -> JournalPage:
        """Return a page. Raises `Malformed` for a cursor that is none."""

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""

    def follow(self, unit: UnitName | None, after: str = "") -> AbstractAsyncContextManager["Follower"]:
        """Replay a log, after a cursor if there is one, and go on as it is written.

        Raises `Malformed` for a cursor that is none, `Unavailable` while as many follow as may.
        """


class Follower(Protocol):
    """A log that is being followed."""

    async def read(self) -> list[Happening]:
        """Wait for entries and return all that have come. Cancelling it loses none."""


class JournalctlFollower:
    """Reads what a `journalctl` prints. `seen` is the cursor of an entry that is left out, as it is known already."""

    def __init__(self, child: Child, first: Sequence[Happening] = (), seen: str = "") -> None:
        self._child = child
        self._ready: list[Happening] = list(first)
        self._seen = seen
        self._line = bytearray()
        self._too_long = False

    async def read(self) -> list[Happening]:
        """Wait for entries and return all that have come. Raises `ProcessFailed` when there is nothing to follow."""
        while not self._ready:
            chunk = await self._child.stdout.receive_some(JOURNAL_CHUNK_BYTES)
            if not chunk:
                await self._child.check()
                raise Unavailable("journal.ended")
            self._ready.extend(self._happenings(bytes(chunk)))
        ready, self._ready = self._ready, []
        return ready

    def _happenings(self, chunk: bytes) -> Iterator[Happening]:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._add(end)
            yield from self._ended()
        self._add(rest)

    def _add(self, part: bytes) -> None:
        self._line += part
        if len(self._line) > JOURNAL_LINE_MAX_BYTES:
            self._too_long = True
            self._line.clear()

    def _ended(self) -> Iterator[Happening]:
        """Yield what a line that is complete now says, and begin the next one."""
        line, self._line = self._line, bytearray()
        if self._too_long:
            self._too_long = False
            yield Gap()
        elif line and (entry := decoded(line)).Cursor != self._seen:
            yield entry


class JournalctlJournal:
    """The machine's journal; `command` is the program and, for tests, where the journal's files are."""

    def __init__(self, command: Sequence[str] = ("journalctl",), *, followers_max: int = JOURNAL_FOLLOWERS_MAX) -> None:
        self._places = Places(followers_max, "journal.too_many_followers")
        self._command = (*command, "--output=json", "--no-pager", "--quiet", "--all")

    async def tail(self, span: Span, which: Filter) -> JournalPage:
        """Return a page. Raises `Malformed` for a cursor that is none, `Unavailable` when the search takes too long.

        A page of very long entries ends early: it has fewer than were asked for, and its cursors go on from there.
        """
        lines = min(max(span.lines, 0), JOURNAL_LINES_MAX)
        forward = bool(span.after or (span.since and not span.before))
        argv = [*_of_unit(which.unit), *_bounds(span), *(() if forward else ("--reverse",))]
        found: deque[JournalEntry] = deque()
        characters = 0
        async with self._printed(argv, seen=span.after or span.before) as entries:
            async for entry in entries:
                if len(found) < lines and which.matches(entry):
                    (found.append if forward else found.appendleft)(entry)
                    characters += entry.characters
                if len(found) >= lines or characters > JOURNAL_PAGE_MAX_CHARS:
                    break
        return JournalPage(tuple(found))

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        """Return the last lines of a unit's log, oldest first."""
        page = await self.tail(Span(lines=lines), Filter(unit=unit))
        return [entry.Message for entry in page.entries]

    @asynccontextmanager
    async def follow(self, unit: UnitName | None, after: str = "") -> AsyncIterator[Follower]:
        """Replay a log, after a cursor if there is one, and go on as it is written. Raises what the port says."""
        with self._places.take():
            lost = bool(after) and not await self._has(after)
            start = _bounds(Span(after=after)) if after and not lost else []
            async with stream([*self._command, "--follow", "--no-tail", *_of_unit(unit), *start]) as child:
                yield JournalctlFollower(child, [Gap()] if lost else [], seen=after)

    async def _has(self, cursor: str) -> bool:
        """Tell whether the entry of a cursor is still there; seeking goes to the nearest one otherwise."""
        async with self._printed([*_bounds(Span(after=cursor)), "--lines=1"]) as entries:
            return any([entry.Cursor == cursor async for entry in entries])

    @asynccontextmanager
    async def _printed(self, argv: Sequence[str], seen: str = "") -> AsyncIterator[AsyncIterator[JournalEntry]]:
        """Give what a `journalctl` prints that ends by itself. Raises `Unavailable` when it takes too long."""
        with trio.move_on_after(JOURNAL_CALL_TIMEOUT_SECONDS) as scope:
            async with (
                stream([*self._command, *argv]) as child,
                aclosing(_entries(JournalctlFollower(child, seen=seen))) as entries,
            ):
                yield entries
        if scope.cancelled_caught:
            raise Unavailable("journal.timeout", Seconds(JOURNAL_CALL_TIMEOUT_SECONDS))


async def _entries(reader: JournalctlFollower) -> AsyncGenerator[JournalEntry, None]:
    with suppress(Unavailable):  # the end, as nobody follows
        while True:
            for happening in await reader.read():
                if isinstance(happening, JournalEntry):
                    yield happening


def _of_unit(unit: UnitName | None) -> tuple[str, ...]:
    return (f"--unit={unit}",) if unit else ()


def _bounds(span: Span) -> list[str]:
    """Return the options for where to begin and to end.

    Never `--after-cursor`: it passes over an entry even when that of the cursor is none of the unit's or is gone.
    """
    if span.before and not span.after:
        return [f"--cursor={checked_cursor(span.before, 'before')}"]
    since = [f"--since={_moment(span.since)}"] if span.since else []
    start = [f"--cursor={checked_cursor(span.after)}"] if span.after else since
    return start + ([f"--until={_moment(span.until)}"] if span.until else [])


def _moment(seconds: int) -> str:
    return f"@{min(seconds, JOURNAL_TIME_MAX_SECONDS)}"


def unit_filter(text: str) -> UnitName | None:
    """Return the unit that a request means, `None` for the whole journal. Raises `Invalid` for what is no unit name."""
    return None if text in {"", SYSTEM} else UnitName.parse(text)


def checked_cursor(cursor: str, parameter: str = "after") -> str:
    """Return a cursor that can be one of the journal's. Raises `Malformed` naming the parameter."""
    if _CURSOR.fullmatch(cursor) is None:
        raise Malformed.at(parameter, "journal.bad_cursor")
    return cursor

"""A journal in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import trio

from townos.concurrency import Places
from townos.limits import JOURNAL_FOLLOWERS_MAX, JOURNAL_LINES_MAX
from townos.names import UnitName
from townos.systemd.entries import JournalEntry
from townos.systemd.journal import Filter, Follower, Gap, Happening, JournalPage, Span, checked_cursor

_BOOT = "b" * 32
_START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeJournal:
    """Behaves like `JournalctlJournal`. `write` adds an entry, one second after the one before; `forget` loses some.

    `following` counts those who follow at the moment.
    """

    def __init__(self, *, followers_max: int = JOURNAL_FOLLOWERS_MAX) -> None:
        self.entries: list[JournalEntry] = []
        self._places = Places(followers_max, "journal.too_many_followers")
        self._written = 0
        self._grown = trio.Event()

    @property
    def following(self) -> int:
        return self._places.taken

    def write(self, message: str, unit: str = "", priority: str = "6", *, command_line: str = "") -> JournalEntry:
        """Add an entry."""
        moment = _START + timedelta(seconds=self._written)
        entry = JournalEntry(
            Cursor=cursor(self._written),
            RealtimeTimestamp=moment,
            MonotonicTimestamp=self._written * 1_000_000,
            Message=message,
            Priority=priority,
            Cmdline=command_line,
            SystemdUnit=str(unit),
        )
        self.entries.append(entry)
        self._written += 1
        self._grown.set()
        self._grown = trio.Event()
        return entry

    def forget(self, count: int) -> None:
        """Lose the oldest entries, as rotation does."""
        del self.entries[:count]

    async def tail(self, span: Span, which: Filter) -> JournalPage:
        await trio.lowlevel.checkpoint()
        for given in filter(None, (span.before, span.after)):
            checked_cursor(given)
        entries = [entry for entry in self.entries if _is_of(entry, which.unit) and which.matches(entry)]
        lines = min(max(span.lines, 0), JOURNAL_LINES_MAX)
        if span.before and not span.after:
            before = [entry for entry in entries if entry.Cursor < span.before]
            return JournalPage(tuple(before[max(len(before) - lines, 0) :]))
        if span.until:
            entries = [entry for entry in entries if entry.RealtimeTimestamp.timestamp() <= span.until]
        if span.after:
            return JournalPage(tuple(entry for entry in entries if entry.Cursor > span.after)[:lines])
        if span.since:
            return JournalPage(
                tuple(entry for entry in entries if entry.RealtimeTimestamp.timestamp() >= span.since)[:lines]
            )
        return JournalPage(tuple(entries[max(len(entries) - lines, 0) :]))

    async def recent(self, unit: UnitName, lines: int) -> Sequence[str]:
        page = await self.tail(Span(lines=lines), Filter(unit=unit))
        return [entry.Message for entry in page.entries]

    @asynccontextmanager
    async def follow(self, unit: UnitName | None, after: str = "") -> AsyncIterator[Follower]:
        lost = bool(after) and checked_cursor(after) not in {entry.Cursor for entry in self.entries}
        with self._places.take():
            yield _Follower(self, unit, "" if lost else after, [Gap()] if lost else [])

    async def grown(self) -> None:
        """Wait until there is something new."""
        await self._grown.wait()


class _Follower:
    def __init__(self, journal: FakeJournal, unit: UnitName | None, after: str, first: list[Happening]) -> None:
        self._journal = journal
        self._unit = unit
        self._seen = after
        self._first = first

    async def read(self) -> list[Happening]:
        await trio.lowlevel.checkpoint()
        while not (found := self._found()):
            await self._journal.grown()
        self._first = []
        self._seen = self._journal.entries[-1].Cursor if self._journal.entries else self._seen
        return found

    def _found(self) -> list[Happening]:
        news = [entry for entry in self._journal.entries if entry.Cursor > self._seen and _is_of(entry, self._unit)]
        return [*self._first, *news]


def cursor(number: int) -> str:
    """Return a cursor as the journal makes them; they sort by their numbers."""
    return f"s={'a' * 32};i={number + 1:08x};b={_BOOT};m=1;t=1;x=1"


def _is_of(entry: JournalEntry, unit: UnitName | None) -> bool:
    return unit is None or entry.SystemdUnit == unit

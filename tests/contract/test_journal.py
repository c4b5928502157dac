"""What every `Journal` does: the fake in memory, and `journalctl` with the journal of the test host."""

import os
import random
import secrets
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
import trio

from townos.errors import Malformed, Unavailable
from townos.names import UnitName
from townos.systemd.entries import JournalEntry
from townos.systemd.journal import Filter, Follower, Gap, Happening, Journal, JournalctlJournal, Span
from townos.testing.journal import FakeJournal

GONE = f"s={'0' * 32};i=1;b={'0' * 32};m=1;t=1;x=1"
"""A cursor as the journal's are, which none of its entries has."""
LINES = 20_000
RECONNECTS = 50


class Log(ABC):
    """A journal, the means to write into it, and two units whose names nobody else uses."""

    journal: Journal

    def __init__(self) -> None:
        self.unit, self.other = (UnitName.parse(f"town-os-test-{secrets.token_hex(4)}-{one}.service") for one in "ab")

    @abstractmethod
    async def write(self, *messages: str, unit: UnitName | None = None, priority: str = "6") -> None: ...

    async def entries(self, span: Span | None = None, unit: UnitName | None = None) -> Sequence[JournalEntry]:
        return (await self.journal.tail(span or Span(), Filter(unit=unit or self.unit))).entries

    async def page(self, span: Span | None = None, grep: str = "", priority: int = 0) -> list[str]:
        which = Filter(unit=self.unit, grep=grep, priority=priority)
        return [entry.Message for entry in (await self.journal.tail(span or Span(), which)).entries]

    async def cursor(self, message: str, unit: UnitName | None = None) -> str:
        (cursor,) = [entry.Cursor for entry in await self.entries(unit=unit) if entry.Message == message]
        return cursor


class FakeLog(Log):
    def __init__(self) -> None:
        super().__init__()
        self.journal = self.fake = FakeJournal()

    async def write(self, *messages: str, unit: UnitName | None = None, priority: str = "6") -> None:
        for message in messages:
            self.fake.write(message, unit or self.unit, priority)


class RealLog(Log):
    def __init__(self) -> None:
        super().__init__()
        self.journal = JournalctlJournal()

    async def write(self, *messages: str, unit: UnitName | None = None, priority: str = "6") -> None:
        for message in messages:
            urgency = [("PRIORITY", priority.encode())] if priority else []
            await self.send(("MESSAGE", message.encode()), *urgency, unit=unit)

    async def send(self, *fields: tuple[str, bytes], unit: UnitName | None = None) -> None:
        """Hand an entry about a unit to journald, in its own protocol, and wait until it can be read."""
        entry = [*fields, ("OBJECT_SYSTEMD_UNIT", (unit or self.unit).encode())]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.connect("/run/systemd/journal/socket")
            connection.send(b"".join(b"%s\n%s%s\n" % (key.encode(), struct.pack("<Q", len(v)), v) for key, v in entry))
        await trio.run_process(["journalctl", "--sync"])


@pytest.fixture(params=[FakeLog, pytest.param(RealLog, marks=pytest.mark.bed)], ids=["fake", "real"])
def log(request: pytest.FixtureRequest) -> Log:
    made: Log = request.param()
    return made


@pytest.fixture
def real() -> RealLog:
    return RealLog()


@pytest.mark.parametrize("kind", [FakeJournal, pytest.param(JournalctlJournal, marks=pytest.mark.bed)])
async def test_the_number_of_followers_is_limited(kind: type[FakeJournal | JournalctlJournal]) -> None:
    journal = kind(followers_max=2)
    for _ in range(2):
        async with journal.follow(None), journal.follow(None):
            with pytest.raises(Unavailable) as refused:
                async with journal.follow(None):
                    pass
            assert refused.value.retry_after


async def read(follower: Follower, count: int) -> list[Happening]:
    """Read at least so many."""
    found: list[Happening] = []
    while len(found) < count:
        found += await follower.read()
    return found


async def messages(follower: Follower, count: int) -> list[str]:
    """Return what so many messages say; a gap is `GAP`."""
    return [
        happening.Message if isinstance(happening, JournalEntry) else "GAP" for happening in await read(follower, count)
    ]


class TestJournal:
    """The contract."""

    @pytest.mark.conformance("LOG-03")
    async def test_a_page_is_the_newest_lines_oldest_first(self, log: Log) -> None:
        await log.write("one", "two", "three")
        await log.write("noise", unit=log.other)
        found = await log.journal.tail(Span(lines=2), Filter(unit=log.unit))
        assert [entry.Message for entry in found.entries] == ["two", "three"]
        assert (found.cursor, found.end_cursor) == (await log.cursor("two"), await log.cursor("three"))

    async def test_the_last_lines_of_a_unit(self, log: Log) -> None:
        await log.write("one", "two", "three")
        assert await log.journal.recent(log.unit, 2) == ["two", "three"]

    @pytest.mark.conformance("LOG-03")
    async def test_no_lines_are_an_empty_page(self, log: Log) -> None:
        await log.write("one")
        for unit, lines in ((log.unit, 0), (log.other, 100)):
            found = await log.journal.tail(Span(lines=lines), Filter(unit=unit))
            assert (list(found.entries), found.cursor, found.end_cursor) == ([], "", "")

    @pytest.mark.conformance("LOG-03", "LOG-04")
    async def test_a_request_without_a_unit_reads_the_whole_journal(self, log: Log) -> None:
        await log.write("mine")
        await log.write("theirs", unit=log.other)
        found = await log.journal.tail(Span(), Filter())
        told = [entry.Message for entry in found.entries if entry.Message in {"mine", "theirs"}]
        assert told[-2:] == ["mine", "theirs"]

    @pytest.mark.conformance("LOG-03")
    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    async def test_leafing_either_way_shows_every_line_once(self, size: int, log: Log) -> None:
        for number in range(7):
            await log.write(f"line {number}")
            await log.write("noise", unit=log.other)
        everything = [f"line {number}" for number in range(7)]
        backward: list[str] = []
        first = ""
        while found := await log.entries(Span(lines=size, before=first)):
            backward[:0] = [entry.Message for entry in found]
            first = found[0].Cursor
        assert backward == everything
        forward = ["line 0"]
        last = await log.cursor("line 0")
        while found := await log.entries(Span(lines=size, after=last)):
            forward += [entry.Message for entry in found]
            last = found[-1].Cursor
        assert forward == everything

    @pytest.mark.conformance("LOG-03")
    async def test_a_cursor_of_another_log_loses_no_line(self, log: Log) -> None:
        await log.write("one", "two")
        await log.write("theirs", unit=log.other)
        await log.write("three", "four")
        theirs = await log.cursor("theirs", log.other)
        assert await log.page(Span(before=theirs)) == ["one", "two"]
        assert await log.page(Span(after=theirs)) == ["three", "four"]
        async with log.journal.follow(log.unit, theirs) as follower:
            assert await messages(follower, 2) == ["three", "four"]

    @pytest.mark.conformance("LOG-02", "LOG-03")
    async def test_a_cursor_that_is_gone_resumes_at_the_oldest_entry(self, log: Log) -> None:
        await log.write("one", "two")
        assert await log.page(Span(after=GONE)) == ["one", "two"]
        async with log.journal.follow(log.unit, GONE) as follower:
            assert await messages(follower, 3) == ["GAP", "one", "two"]

    @pytest.mark.parametrize("cursor", ["x", "--merge", GONE + "0;", GONE.upper(), f" {GONE}", f"{GONE}\n", "s=1"])
    async def test_an_invalid_cursor_is_refused(self, cursor: str, log: Log) -> None:
        for span in (Span(before=cursor), Span(after=cursor)):
            with pytest.raises(Malformed):
                await log.entries(span)
        with pytest.raises(Malformed):
            async with log.journal.follow(log.unit, cursor):
                pytest.fail("it was taken")

    @pytest.mark.conformance("LOG-03")
    async def test_a_search_is_a_literal_text_in_any_case(self, log: Log) -> None:
        await log.write("GET /a.b", "get /axb", "Straße", ".*")
        assert await log.page(grep="Get /A.B") == ["GET /a.b"]
        assert await log.page(grep=".*") == [".*"]
        assert await log.page(grep="STRASSE") == ["Straße"]
        assert await log.page(Span(lines=1), grep="get") == ["get /axb"]

    @pytest.mark.conformance("LOG-03", "LOG-04")
    async def test_a_priority_takes_entries_as_urgent_and_entries_without_one(self, log: Log) -> None:
        for priority in ("0", "3", "4", "7", ""):
            await log.write(f"urgency {priority}", priority=priority)
        assert await log.page(priority=3) == ["urgency 0", "urgency 3", "urgency "]
        assert len(await log.page(priority=7)) == len(await log.page()) == 5

    @pytest.mark.conformance("LOG-03")
    async def test_times_bound_a_page(self, log: Log) -> None:
        await log.write("one", "two", "three")
        entries = await log.entries()
        for second in {int(entry.RealtimeTimestamp.timestamp()) + plus for entry in entries for plus in (0, 1)}:
            late = [entry for entry in entries if entry.RealtimeTimestamp.timestamp() >= second]
            early = [entry for entry in entries if entry.RealtimeTimestamp.timestamp() <= second]
            assert await log.entries(Span(since=second)) == tuple(late)
            assert await log.entries(Span(until=second)) == tuple(early)
            assert await log.entries(Span(since=1, until=second, lines=1)) == tuple(early[:1])

    @pytest.mark.parametrize("second", [2**63 - 1, 253_402_300_800])
    async def test_no_time_is_too_far_away(self, second: int, log: Log) -> None:
        await log.write("one")
        assert await log.page(Span(since=second)) == []
        assert await log.page(Span(until=second)) == ["one"]

    @pytest.mark.conformance("LOG-02")
    async def test_a_log_is_replayed_and_followed(self, log: Log) -> None:
        await log.write("old")
        async with log.journal.follow(log.unit) as follower:
            assert await messages(follower, 1) == ["old"]
            await log.write("noise", unit=log.other)
            await log.write("new", "newer")
            assert await messages(follower, 2) == ["new", "newer"]

    @pytest.mark.conformance("LOG-02")
    @pytest.mark.parametrize("last", ["one", "two"])
    async def test_a_reader_goes_on_after_its_last_line(self, last: str, log: Log) -> None:
        await log.write("one", "two")
        async with log.journal.follow(log.unit, await log.cursor(last)) as follower:
            await log.write("three")
            expected = ["two", "three"] if last == "one" else ["three"]
            assert await messages(follower, len(expected)) == expected

    @pytest.mark.conformance("LOG-02")
    async def test_a_reader_may_wait_for_the_first_line_of_all(self, log: Log) -> None:
        await log.write("theirs", unit=log.other)
        theirs = await log.cursor("theirs", log.other)
        async with log.journal.follow(log.unit) as one, log.journal.follow(log.unit, theirs) as other:
            await log.write("first")
            assert await messages(one, 1) == await messages(other, 1) == ["first"]


@pytest.mark.bed
@pytest.mark.conformance("LOG-02", "LOG-03")
async def test_values_of_all_kinds_become_texts(real: RealLog) -> None:
    await real.send(("MESSAGE", b"\xff\xfehi"))
    await real.send(("MESSAGE", b"first"), ("MESSAGE", b"second"))
    await real.send(("MESSAGE", b"two\nlines\x1b[31m"))
    await real.send(("MESSAGE", b"x" * 100_000))
    await real.send(("SYSLOG_IDENTIFIER", b"no message"))
    expected = ["\ufffd\ufffdhi", "first", "two\nlines\x1b[31m", "x" * 100_000, ""]
    assert await real.page() == expected
    async with real.journal.follow(real.unit) as follower:
        assert await messages(follower, 5) == expected


async def printed(unit: UnitName) -> list[str]:
    """Return the cursors of what `journalctl -u` prints: what a unit's log is."""
    await trio.run_process(["journalctl", "--sync"])
    done = await trio.run_process(["journalctl", "-o", "json", "--no-pager", "-u", unit], capture_stdout=True)
    return [msgspec.json.decode(line)["__CURSOR"] for line in done.stdout.splitlines()]


async def run_unit(unit: UnitName, script: str) -> None:
    """Run a script as a service of its own, to its end, with no limit to what it says."""
    options = ["--quiet", "--wait", "--collect", "--property=LogRateLimitIntervalSec=0", f"--unit={unit}"]
    await trio.run_process(["systemd-run", *options, "sh", "-c", script])


@pytest.mark.bed
@pytest.mark.conformance("LOG-02", "LOG-03")
async def test_the_lines_of_a_unit_are_those_of_journalctl(real: RealLog) -> None:
    await run_unit(real.unit, "echo out; echo err >&2")
    await real.write("told about it")
    await run_unit(real.other, "echo noise")
    oracle = await printed(real.unit)
    entries = await real.entries()
    assert [entry.Cursor for entry in entries] == oracle
    assert {"out", "err", "told about it"} < {entry.Message for entry in entries}
    assert {entry.SystemdUnit for entry in entries if entry.Message in {"out", "err"}} == {real.unit}
    assert any(entry.PID == "1" for entry in entries), "the manager's own lines belong to it"
    async with real.journal.follow(real.unit) as follower:
        assert [
            entry.Cursor for entry in await read(follower, len(oracle)) if isinstance(entry, JournalEntry)
        ] == oracle


@pytest.mark.bed
@pytest.mark.conformance("LOG-02")
async def test_reconnects_at_any_point_of_a_long_log_neither_lose_nor_repeat_a_line(real: RealLog) -> None:
    seed = secrets.randbits(64)
    cuts = sorted(random.Random(seed).sample(range(1, LINES), RECONNECTS))
    got: list[str] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run_unit, real.unit, f"seq {LINES}")  # it is still written while it is read
        for cut in [*cuts, LINES]:
            async with real.journal.follow(real.unit, got[-1] if got else "") as follower:
                news = await read(follower, cut - len(got))
            assert Gap() not in news, seed
            cursors = [entry.Cursor for entry in news if isinstance(entry, JournalEntry)]
            got += cursors[: cut - len(got)]  # the others were on their way when the connection broke
    oracle = await printed(real.unit)
    got += [entry.Cursor for entry in await real.entries(Span(after=got[-1]))]
    assert got == oracle, seed
    assert len(oracle) > LINES


@pytest.mark.bed
@pytest.mark.conformance("LOG-02")
async def test_no_reader_of_the_journal_outlives_its_client(real: RealLog) -> None:
    await real.write("one")

    def readers() -> list[Path]:
        return [path for path in Path("/proc").glob("[0-9]*/cmdline") if says(path, real.unit)]

    with trio.CancelScope() as scope:
        async with real.journal.follow(real.unit) as follower:
            await read(follower, 1)
            assert len(readers()) == 1
            scope.cancel()
            await follower.read()
    assert scope.cancelled_caught
    assert readers() == []


def says(path: Path, text: str) -> bool:
    try:
        return text.encode() in path.read_bytes() and path.parent.name != str(os.getpid())
    except (FileNotFoundError, ProcessLookupError):
        return False

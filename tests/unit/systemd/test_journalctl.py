"""What `journalctl` prints is read within bounds, whatever it prints and however it ends. A script stands in for it."""

from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import trio
from trio.testing import MockClock

from townos.errors import Malformed, Unavailable
from townos.limits import JOURNAL_CHUNK_BYTES, JOURNAL_LINE_MAX_BYTES, JOURNAL_LINES_MAX, JOURNAL_PAGE_MAX_CHARS
from townos.posix.process import ProcessFailed, ProcessMissing
from townos.systemd.entries import JournalEntry
from townos.systemd.journal import Filter, Gap, JournalctlJournal, Span
from townos.testing.journal import cursor

MILLION = 1_000_000


def line(number: int, message: str) -> bytes:
    entry = {"__CURSOR": cursor(number), "__REALTIME_TIMESTAMP": "1", "__MONOTONIC_TIMESTAMP": "1", "MESSAGE": message}
    return msgspec.json.encode(entry) + b"\n"


def running(script: str, *words: str) -> JournalctlJournal:
    return JournalctlJournal(("/bin/sh", "-c", script, *(words or ("sh",))))


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    return tmp_path / "printed"


def printing(path: Path, *lines: bytes, then: str = "exit") -> JournalctlJournal:
    path.write_bytes(b"".join(lines))
    return running(f'cat "$0"; {then}', str(path))


def told(happening: JournalEntry | Gap) -> str:
    return happening.Message[:10] if isinstance(happening, JournalEntry) else "GAP"


async def followed(journal: JournalctlJournal) -> list[str]:
    found: list[str] = []
    async with journal.follow(None) as follower:
        with suppress(Unavailable):
            while True:
                found += map(told, await follower.read())
    return found


@pytest.mark.conformance("LOG-02")
@pytest.mark.parametrize("size", [JOURNAL_CHUNK_BYTES - 1, JOURNAL_CHUNK_BYTES, JOURNAL_CHUNK_BYTES + 1, MILLION])
async def test_a_line_is_read_whole_wherever_its_pieces_end(size: int, printed: Path) -> None:
    journal = printing(printed, line(0, "x" * size), line(1, "after"), line(2, "é" * size))
    assert await followed(journal) == ["x" * 10, "after", "é" * 10]
    assert [len(entry.Message) for entry in (await journal.tail(Span(after=cursor(9)), Filter())).entries] == [
        size,
        5,
        size,
    ]


@pytest.mark.conformance("LOG-02")
async def test_an_entry_too_long_to_be_shown_is_a_gap_and_no_fault(printed: Path) -> None:
    journal = printing(printed, line(0, "one"), line(1, "x" * JOURNAL_LINE_MAX_BYTES), line(2, "two"))
    assert await followed(journal) == ["one", "GAP", "two"]
    page = await journal.tail(Span(after=cursor(9)), Filter())
    assert [entry.Message for entry in page.entries] == ["one", "two"]


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize("span", [Span(lines=100), Span(lines=100, after=cursor(99))])
async def test_a_page_of_long_entries_ends_early(span: Span, printed: Path) -> None:
    page = await printing(printed, *(line(number, "x" * MILLION) for number in range(30))).tail(span, Filter())
    kept = len(page.entries)
    assert 1 < kept < 30
    assert sum(entry.characters for entry in page.entries) < JOURNAL_PAGE_MAX_CHARS + JOURNAL_LINE_MAX_BYTES
    nearest = range(kept) if span.after else reversed(range(kept))
    assert [entry.Cursor for entry in page.entries] == [cursor(number) for number in nearest]


async def test_no_page_has_more_lines_than_allowed(printed: Path) -> None:
    journal = printing(printed, *(line(number, "x") for number in range(JOURNAL_LINES_MAX + 10)))
    for lines, expected in ((JOURNAL_LINES_MAX + 5, JOURNAL_LINES_MAX), (-1, 0), (3, 3)):
        assert len((await journal.tail(Span(lines=lines), Filter())).entries) == expected


async def test_a_page_that_is_full_does_not_wait_for_the_rest(printed: Path) -> None:
    journal = printing(printed, line(0, "one"), then="exec sleep 1000")
    assert len((await journal.tail(Span(lines=1), Filter())).entries) == 1


async def test_a_search_without_end_is_given_up(printed: Path, autojump_clock: MockClock) -> None:
    autojump_clock.autojump_threshold = 0.5  # so long a killed child may take to end on a busy machine
    journal = printing(printed, line(0, "one"), then="exec sleep 1000")
    with pytest.raises(Unavailable, match="60 seconds"):
        await journal.tail(Span(), Filter(grep="nowhere"))
    with pytest.raises(Unavailable, match="60 seconds"):
        async with printing(printed, then="exec sleep 1000").follow(None, cursor(0)):
            pytest.fail("it is not known whether that entry is there")


async def test_a_reader_that_fails_is_an_error_with_its_words() -> None:
    journal = running("echo no journal here >&2; exit 3")
    with pytest.raises(ProcessFailed) as failed:
        await journal.tail(Span(), Filter())
    assert failed.value.stderr == "no journal here"
    async with journal.follow(None) as follower:
        with pytest.raises(ProcessFailed) as failed:
            await follower.read()
    assert failed.value.stderr == "no journal here"


async def test_a_cancelled_read_loses_no_entry(tmp_path: Path, printed: Path) -> None:
    go = tmp_path / "go"
    await trio.run_process(["mkfifo", str(go)])
    printed.write_bytes(line(0, "one"))
    async with running('read word < "$1"; cat "$0"; exec sleep 1000', str(printed), str(go)).follow(None) as follower:
        with trio.CancelScope() as scope:
            scope.cancel()
            await follower.read()
        await trio.to_thread.run_sync(go.write_text, "go\n")
        assert list(map(told, await follower.read())) == ["one"]


@pytest.mark.conformance("LOG-02", "LOG-03")
@pytest.mark.parametrize("text", ["--merge", "x", f"{cursor(0)}\n--file=/etc/shadow", cursor(0) + ";"])
async def test_no_program_is_started_for_an_invalid_cursor(text: str) -> None:
    journal = JournalctlJournal(("/no/such/program",))
    with pytest.raises(ProcessMissing):
        await journal.tail(Span(after=cursor(0)), Filter())
    for span in (Span(after=text), Span(before=text), Span(before=cursor(0), after=text)):
        with pytest.raises(Malformed):
            await journal.tail(span, Filter())
    with pytest.raises(Malformed):
        async with journal.follow(None, text):
            pytest.fail("it was taken")

"""The log of a service as a client sees it, with what `journalctl` in the bed says as the oracle."""

import json
import math
import random
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pytest

from tests.bed.bed import Bed
from tests.bed.kernel import wait_until
from tests.bed.places import SERVICE
from tests.e2e.api import Api, Event
from tests.e2e.appliance import Appliance

pytestmark = pytest.mark.timeout(180)

LINES: Final = 20_000
RECONNECTS: Final = 50
SEED: Final = 20_260_119
LONG: Final = "town-os-package--main-long-1.0.service"
SHORT: Final = "town-os-package--main-short-1.0.service"
NOISY: Final = "town-os-package--main-long-1.0.1.service"
"""Its lines are never wanted, though its name begins almost like another."""


@dataclass(frozen=True, slots=True)
class Line:
    """What tells one line of a log from all others, and what it says."""

    cursor: str
    message: str


def writer(unit: str, script: str) -> str:
    """Return the command that runs a script as a service to its end."""
    return f"systemd-run --quiet --wait --collect --unit={unit} sh -c {shlex.quote(script)}"


@contextmanager
def writing(bed: Bed, unit: str, script: str) -> Iterator[None]:
    """Run a script as a service meanwhile; the block ends when both have ended."""
    with subprocess.Popen(bed.argv(writer(unit, script)), stderr=subprocess.PIPE, text=True) as running:
        yield
        _, error = running.communicate(timeout=60)
        assert running.returncode == 0, error


def printed(bed: Bed, *options: str) -> list[Line]:
    """Return what `journalctl` prints when all that was written so far has reached the journal."""
    chosen = " ".join(shlex.quote(option) for option in options)
    fields = "--output-fields=MESSAGE --output=json"
    found = bed.check(f"journalctl --sync && journalctl --quiet --no-pager --all {fields} {chosen}")
    return [Line(entry["__CURSOR"], entry["MESSAGE"]) for entry in map(json.loads, found.splitlines())]


def told(event: Event) -> Line:
    entry = json.loads(event.data)
    assert entry["Cursor"] == event.id
    return Line(event.id, entry["Message"])


def lines(page: dict[str, Any]) -> list[Line]:
    """Return the lines of a page, whose cursors are those of its ends."""
    found = [Line(entry["Cursor"], entry["Message"]) for entry in page["entries"]]
    assert (page["cursor"], page["end_cursor"]) == ((found[0].cursor, found[-1].cursor) if found else ("", ""))
    return found


def entries_of(stream: Iterator[Event]) -> Iterator[Event]:
    """Leave out what only keeps the connection alive; a gap would be a loss."""
    for event in stream:
        assert event.comment != "gap"
        if event.id:
            yield event


@pytest.fixture
def tail(admin: Api) -> Callable[..., list[Line]]:
    """Ask for a page of a log, by its parameters."""
    return lambda **query: lines(admin.get("/systemd/logs/tail", **query))


@pytest.fixture(scope="module")
def short(town: Appliance) -> list[Line]:
    """A log of lines of every urgency, written over more than a second, with noise of another unit around them."""
    town.bed.check(writer(NOISY, "echo noise"))
    urgencies = 'for urgency in 0 1 2 3 4 5 6 7; do echo "<$urgency>Urgency $urgency."; done'
    town.bed.check(writer(SHORT, f"{urgencies}; sleep 1.1; seq --format='GET /page.%g' 150"))
    return printed(town.bed, f"--unit={SHORT}")


@pytest.mark.conformance("LOG-02")
def test_reconnects_at_any_point_of_a_long_log_neither_lose_nor_repeat_a_line(town: Appliance, admin: Api) -> None:
    cuts = sorted(random.Random(SEED).sample(range(1, LINES), RECONNECTS))
    got: list[Line] = []

    def read_until(enough: Callable[[], bool]) -> None:
        """Connect, go on after the last line that is known, and hang up in the middle of what the server sends."""
        with admin.events("/systemd/logs", unit=LONG, last_event_id=got[-1].cursor if got else "") as stream:
            for event in entries_of(stream):
                got.append(told(event))
                if enough():
                    break

    town.bed.check(writer(NOISY, "echo noise"))
    with writing(town.bed, LONG, f"seq {LINES}"):  # it is still written while it is read
        for cut in cuts:
            read_until(lambda cut=cut: len(got) >= cut)  # type: ignore[misc]
            assert len(got) == cut
    oracle = printed(town.bed, f"--unit={LONG}")
    read_until(lambda: got[-1] == oracle[-1] or len(got) > len(oracle))
    assert got == oracle
    assert [line.message for line in oracle if line.message.isdigit()] == [str(n) for n in range(1, LINES + 1)]


@pytest.mark.conformance("LOG-02")
def test_a_cursor_in_the_address_resumes_like_the_header(town: Appliance, admin: Api, short: list[Line]) -> None:
    with admin.events("/systemd/logs", unit=SHORT, after=short[4].cursor) as stream:
        assert [told(event) for event in islice(entries_of(stream), 10)] == short[5:15]


@pytest.mark.conformance("LOG-02")
def test_a_line_that_is_written_while_the_log_is_followed_arrives(town: Appliance, admin: Api) -> None:
    unit = "town-os-package--main-follow-1.0.service"
    with admin.events("/systemd/logs", unit=unit) as stream:
        assert next(stream) == Event(), "an idle log beats before there is any line"
        town.bed.check(writer(NOISY, "echo noise"))
        town.bed.check(writer(unit, "echo first"))
        first = [told(event) for event in islice(entries_of(stream), len(printed(town.bed, f"--unit={unit}")))]
        assert next(stream) == Event(), "it is idle again"
        town.bed.check(writer(unit, "echo second"))
        everything = printed(town.bed, f"--unit={unit}")
        second = [told(event) for event in islice(entries_of(stream), len(everything) - len(first))]
    assert first + second == everything
    assert [line.message for line in everything if line.message in {"first", "second", "noise"}] == ["first", "second"]


@pytest.mark.conformance("LOG-02", "LOG-04")
def test_the_log_of_the_system_is_streamed_whole(town: Appliance, admin: Api) -> None:
    for unit in ("", "__system__"):
        with admin.events("/systemd/logs", unit=unit) as stream:
            assert [told(event) for event in islice(entries_of(stream), 200)] == printed(town.bed)[:200]


@pytest.mark.conformance("LOG-02")
def test_no_reader_of_the_journal_is_left_when_the_clients_have_gone(town: Appliance, admin: Api) -> None:
    def readers() -> str:
        return town.bed.run("pgrep --full '[j]ournalctl .*--follow'").output

    with admin.events("/systemd/logs", unit=SERVICE) as stream:
        next(entries_of(stream))
        assert readers() != ""
    assert wait_until(lambda: readers() == "", 20)


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize("count", [1, 100, 150])
def test_a_page_is_the_newest_lines(
    town: Appliance, tail: Callable[..., list[Line]], short: list[Line], count: int
) -> None:
    assert tail(unit=SHORT, lines=count) == printed(town.bed, f"--unit={SHORT}", f"--lines={count}") == short[-count:]


@pytest.mark.conformance("LOG-03")
def test_a_log_page_has_100_lines_by_default_and_at_most_10_000(
    town: Appliance, tail: Callable[..., list[Line]], short: list[Line]
) -> None:
    assert tail(unit=SHORT) == short[-100:]
    unit = "town-os-package--main-many-1.0.service"
    town.bed.check(writer(unit, "seq 10100"))
    newest = printed(town.bed, f"--unit={unit}", "--lines=10000")
    assert tail(unit=unit, lines=10_100) == newest
    assert len(newest) == 10_000


@pytest.mark.conformance("LOG-03")
def test_leafing_backward_and_forward_shows_every_line_once(tail: Callable[..., list[Line]], short: list[Line]) -> None:
    backward = tail(unit=SHORT, lines=37)
    while page := tail(unit=SHORT, lines=37, before=backward[0].cursor):
        backward[:0] = page
    assert backward == short
    forward = short[:1]
    while page := tail(unit=SHORT, lines=37, after=forward[-1].cursor):
        forward += page
    assert forward == short


@pytest.mark.conformance("LOG-03")
def test_a_search_finds_what_journalctl_finds(
    town: Appliance, tail: Callable[..., list[Line]], short: list[Line]
) -> None:
    pattern = ["--case-sensitive=no", r"--grep=get /page\.1"]
    found = sorted(printed(town.bed, f"--unit={SHORT}", *pattern), key=short.index)
    assert tail(unit=SHORT, grep="get /PAGE.1", lines=1000) == found
    assert tail(unit=SHORT, grep="get /PAGE.1", lines=3) == found[-3:]
    assert len(found) == 1 + 10 + 51
    assert tail(unit=SHORT, grep="page[.]1") == []


@pytest.mark.conformance("LOG-03", "LOG-04")
@pytest.mark.parametrize("priority", [1, 3, 6, 7])
def test_a_priority_leaves_out_less_urgent_entries(
    town: Appliance, tail: Callable[..., list[Line]], short: list[Line], priority: int
) -> None:
    found = tail(unit=SHORT, priority=priority, lines=1000)
    assert found == printed(town.bed, f"--unit={SHORT}", f"--priority={priority}")
    urgencies = [line.message for line in found if line.message.startswith("Urgency")]
    assert urgencies == [f"Urgency {urgency}." for urgency in range(priority + 1)]


@pytest.mark.conformance("LOG-03")
def test_times_bound_a_page(town: Appliance, admin: Api, tail: Callable[..., list[Line]], short: list[Line]) -> None:
    stamps = town.bed.check(f"journalctl --quiet --output=short-unix --unit={SHORT}").splitlines()
    second = math.ceil(float(stamps[-1].split()[0])) - 1
    late = printed(town.bed, f"--unit={SHORT}", f"--since=@{second}")
    early = printed(town.bed, f"--unit={SHORT}", f"--until=@{second}")
    assert 0 < len(late) < len(short)
    assert 0 < len(early) < len(short)
    assert tail(unit=SHORT, since=second, lines=1000) == late
    assert tail(unit=SHORT, since=second, lines=5) == late[:5], "from that time on, not the newest"
    assert tail(unit=SHORT, until=second, lines=1000) == early
    assert tail(unit=SHORT, since=second - 3600, until=second, lines=1000) == early


@pytest.mark.conformance("LOG-03", "LOG-04")
def test_every_log_of_the_advanced_page_is_that_of_journalctl(
    town: Appliance, tail: Callable[..., list[Line]], short: list[Line]
) -> None:
    everything = printed(town.bed)
    start = everything[0].cursor
    assert tail(after=start, lines=300) == tail(unit="__system__", after=start, lines=300) == everything[1:301]
    errors = printed(town.bed, "--priority=3")
    assert tail(since=1, priority=3, lines=len(errors)) == errors
    controller = printed(town.bed, f"--unit={SERVICE}")
    assert tail(unit=SERVICE, since=1, lines=len(controller)) == controller
    assert tail(unit="town-os-package--main-nobody-1.0.service") == []

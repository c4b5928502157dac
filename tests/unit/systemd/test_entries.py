"""Journal entries have every key, whatever the journal has."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.systemd.entries import FIELDS, JournalEntry, decoded
from townos.systemd.journal import Filter

ADDRESS = {
    "__CURSOR": "s=1",
    "__REALTIME_TIMESTAMP": "1767225600000001",
    "__MONOTONIC_TIMESTAMP": "42",
}
VALUES = st.one_of(
    st.text(), st.none(), st.binary().map(list), st.lists(st.one_of(st.text(), st.none(), st.binary().map(list)))
)
GREP = st.text(st.characters(codec="utf-8"), min_size=1)


def entry(**fields: Any) -> JournalEntry:
    return decoded(msgspec.json.encode(ADDRESS | fields))


@pytest.mark.conformance("LOG-03")
def test_every_key_is_present_and_empty_where_the_journal_has_nothing() -> None:
    document = msgspec.json.decode(msgspec.json.encode(entry()))
    assert document == {
        "Cursor": "s=1",
        "RealtimeTimestamp": "2026-01-01T00:00:00.000001Z",
        "MonotonicTimestamp": 42,
    } | dict.fromkeys(FIELDS.values(), "")


def test_times_are_microseconds() -> None:
    assert entry().RealtimeTimestamp == datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        ([], ""),
        (list(b"bytes"), "bytes"),
        ([255, 104, 105], "\ufffdhi"),
        (["first", "second"], "first"),
        ([list(b"first"), "second"], "first"),
        ([None, "second"], ""),
    ],
)
def test_values_that_are_no_text_become_text(value: Any, text: str) -> None:
    assert entry(MESSAGE=value).Message == text


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), VALUES))
def test_no_field_keeps_an_entry_from_being_read(fields: dict[str, Any]) -> None:
    found = entry(**fields)
    assert all(isinstance(getattr(found, name), str) for name in FIELDS.values())
    assert "\n" not in msgspec.json.encode(found).decode()


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize("grep", ["a.c", "A.C", "[x]", "ß", "οδος"])
def test_a_search_is_literal_and_in_any_case(grep: str) -> None:
    assert Filter(grep=grep).matches(entry(MESSAGE=f"before {grep.upper()} after"))
    assert not Filter(grep=grep).matches(entry(MESSAGE="abc x y s o"))


@given(GREP, GREP)
def test_a_search_finds_itself_within_anything(before: str, grep: str) -> None:
    assert Filter(grep=grep).matches(entry(MESSAGE=f"{before}\n{grep}"))


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize(
    ("priority", "limit", "taken"),
    [("3", 3, True), ("4", 3, False), ("7", 0, True), ("", 1, True), ("x", 1, True), ("0", 1, True)],
)
def test_a_priority_takes_entries_as_urgent_and_entries_without_one(priority: str, limit: int, *, taken: bool) -> None:
    assert Filter(priority=limit).matches(entry(PRIORITY=priority)) is taken

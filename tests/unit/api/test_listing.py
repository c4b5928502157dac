"""The list envelope: the rules of docs/api.md, Lists, one by one."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.api.wire.listing import Page, envelope, page
from townos.api.wire.requests import ListQuery, Number


class Status(msgspec.Struct, frozen=True):
    active: str


class Entry(msgspec.Struct, frozen=True, rename={"shown": "Shown"}):
    name: str
    size: int = 0
    shown: bool = False
    at: datetime | None = None
    note: str | None = None
    nick: str | msgspec.UnsetType = msgspec.UNSET
    tags: list[str] = msgspec.field(default_factory=list)
    status: Status = Status("")


def query(limit: int = 0, offset: int = 0, *, search: str = "", by: str = "", order: str = "") -> ListQuery:
    return ListQuery(search=search, sort_by=by, sort_order=order, limit=Number(limit), offset=Number(offset))


def names(entries: list[Entry], wanted: ListQuery) -> str:
    return "".join(entry.name for entry in page(entries, wanted).entries)


def test_the_envelope_has_exactly_four_keys() -> None:
    assert msgspec.json.encode(page(["a"], query())) == (
        b'{"entries":["a"],"has_more":false,"total_pages":1,"total_count":1}'
    )


def test_an_empty_list_has_one_page_and_no_null() -> None:
    assert page([], query()) == Page(entries=[], has_more=False, total_pages=1, total_count=0)


@pytest.mark.parametrize("limit", [0, -1])
def test_the_default_limit_is_20(limit: int) -> None:
    found = page([str(number) for number in range(41)], query(limit))
    assert (len(found.entries), found.has_more, found.total_pages, found.total_count) == (20, True, 3, 41)


@pytest.mark.parametrize(
    ("offset", "entries", "more"),
    [(0, "ab", True), (1, "bc", True), (4, "e", False), (5, "", False), (99, "", False), (-7, "ab", True)],
)
def test_the_offset_is_clamped_into_the_list(offset: int, entries: str, more: bool) -> None:
    found = page(list("abcde"), query(2, offset))
    assert ("".join(found.entries), found.has_more, found.total_pages) == (entries, more, 3)


def test_a_search_finds_part_of_any_text_field_whatever_its_case() -> None:
    entries = [Entry("Alpha"), Entry("b", note="ALPHABET"), Entry("c", status=Status("alpha")), Entry("d", note=None)]
    assert names(entries, query(search="aLpHa")) == "Alphabc"


def test_a_search_does_not_look_into_lists_numbers_and_truth_values() -> None:
    entries = [Entry("a", size=777, shown=True, tags=["needle"])]
    assert [names(entries, query(search=text)) for text in ("777", "true", "needle")] == ["", "", ""]


def test_a_search_does_not_match_across_fields() -> None:
    assert names([Entry("ab", note="cd")], query(search="bc")) == ""


def test_a_search_comes_before_paging() -> None:
    found = page(["apple", "pear", "apricot", "plum", "avocado"], query(2, search="A"))
    assert (found.entries, found.total_count) == (["apple", "pear"], 4)


def test_sorting_is_by_the_json_name_bytewise_and_stable() -> None:
    entries = [Entry("b"), Entry("a", size=1), Entry("B"), Entry("a", size=2), Entry("ä")]
    assert names(entries, query(by="name")) == "Baabä"
    assert [entry.size for entry in page(entries, query(by="name")).entries[1:3]] == [1, 2]
    assert names(entries, query(by="name", order="desc")) == "äbaaB"
    assert [entry.size for entry in page(entries, query(by="name", order="desc")).entries[2:4]] == [1, 2]


def test_false_sorts_before_true_and_the_python_name_is_no_field() -> None:
    entries = [Entry("a", shown=True), Entry("b")]
    assert names(entries, query(by="Shown")) == "ba"
    assert names(entries, query(by="shown")) == "ab"


def test_numbers_and_times_sort_by_value_and_nothing_comes_first() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [Entry("a", size=10, at=now), Entry("b", size=9), Entry("c", size=100, at=now - timedelta(1))]
    assert names(entries, query(by="size", order="asc")) == "bac"
    assert names(entries, query(by="at")) == "bca"


@pytest.mark.parametrize("by", ["nick", "note"])
def test_entries_without_a_value_come_first_and_are_never_pinned(by: str) -> None:
    x, y = (msgspec.convert({"name": name, by: value}, Entry) for name, value in (("a", "x"), ("c", "y")))
    entries = [x, Entry("b"), y, Entry("d")]
    assert names(entries, query(by=by)) == "bdac"
    assert names(entries, query(by=by, order="desc")) == "cabd"
    assert names(entries, query(by=by, order="y")) == "cbda"
    assert names(entries, query(by=by, order="none")) == "bdac"
    assert names(entries[1::2], query(by=by, order="desc")) == "bd"


@pytest.mark.parametrize("by", ["", "unknown", "tags", "status", "active", "note", "__class__"])
def test_an_unknown_sort_key_leaves_the_order(by: str) -> None:
    assert names([Entry("b"), Entry("a")], query(by=by, order="desc")) == "ba"


def test_an_endpoint_may_exclude_fields_from_sorting() -> None:
    assert [e.name for e in page([Entry("b"), Entry("a")], query(by="name"), unsortable={"name"}).entries] == ["b", "a"]


def test_any_other_order_pins_the_entries_with_that_value() -> None:
    """A rule that clients rely on: the value first, whatever its case, the rest ascending."""
    entries = [Entry("d"), Entry("b"), Entry("C"), Entry("a")]
    assert names(entries, query(by="name", order="c")) == "Cabd"
    assert names([Entry("x", shown=True), Entry("y")], query(by="Shown", order="TRUE")) == "xy"


def test_texts_keep_their_order() -> None:
    assert page(["b", "a"], query(by="name")).entries == ["b", "a"]


def test_entries_that_were_cut_elsewhere_are_wrapped_alike() -> None:
    found = envelope(["c"], total=3, limit=2, has_more=False)
    assert found == Page(entries=["c"], has_more=False, total_pages=2, total_count=3)


@given(st.lists(st.text(max_size=3)), st.integers(-5, 50), st.integers(-5, 50))
def test_pages_put_together_give_the_whole_list(texts: list[str], limit: int, offset: int) -> None:
    found = page(texts, query(limit, offset))
    start = min(max(offset, 0), len(texts))
    size = limit if limit > 0 else 20
    assert found.entries == texts[start : start + size]
    assert found.has_more == (start + size < len(texts))
    assert (found.total_pages - 1) * size < max(1, len(texts)) <= found.total_pages * size

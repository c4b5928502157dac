"""The one envelope of all lists, with sorting, searching and paging (docs/api.md, Lists).

Entries are structs or strings. Ten thousand of them take a few milliseconds, so everything happens on the event loop.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from townos.api.wire.shapes import fields_of
from townos.limits import PAGE_DEFAULT_ENTRIES

T = TypeVar("T")
DESCENDING: Final = "desc"
ASCENDING: Final = ("", "asc")
SORTABLE: Final = (str, int, float, datetime)
ABSENT: Final = (None, msgspec.UNSET)


class ListParameters(Protocol):
    """What a list needs to know; `ListQuery` has it, and so may a request body."""

    @property
    def sort_by(self) -> str:
        """The JSON name of a field; empty: as given."""

    @property
    def sort_order(self) -> str:
        """`asc`, `desc`, or a value to put first."""

    @property
    def limit(self) -> int:
        """Entries of a page; 0 or less: the default."""

    @property
    def offset(self) -> int:
        """Entries before this page."""

    @property
    def search(self) -> str:
        """Text that some string field must contain, whatever its case."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list and its place in the whole."""

    entries: Sequence[T]
    has_more: bool
    total_pages: int
    total_count: int


def page(
    entries: Sequence[T],
    query: ListParameters,
    *,
    unsortable: Collection[str] = (),
    texts: Iterable[str] | None = None,
) -> Page[T]:
    """Search, sort and cut `entries` as `query` asks. Fields in `unsortable` leave the order as it is.

    `texts` are the entries' texts from `text_of`, for whoever keeps them: making them is most of a search.
    """
    found = _searched(entries, query.search, texts)
    field = "" if query.sort_by in unsortable else query.sort_by
    ordered = _sorted(found, field, query.sort_order)
    limit, offset = window(query, len(ordered))
    end = offset + limit
    return envelope(ordered[offset:end], total=len(ordered), limit=limit, has_more=end < len(ordered))


def window(query: ListParameters, total: int | None = None) -> tuple[int, int]:
    """Return the limit and the offset that count: defaults applied, and the offset within `total` if it is known."""
    limit = query.limit if query.limit > 0 else PAGE_DEFAULT_ENTRIES
    offset = max(query.offset, 0)
    return limit, offset if total is None else min(offset, total)


def envelope(entries: Sequence[T], *, total: int, limit: int, has_more: bool) -> Page[T]:
    """Wrap entries that were already cut elsewhere, in SQL for instance."""
    return Page(
        entries=entries,
        has_more=has_more,
        total_pages=max(1, -(-total // limit)),
        total_count=total,
    )


def text_of(entry: object) -> str:
    """Return all text of an entry, in lower case; the separator cannot occur in a search."""
    if isinstance(entry, str):
        return entry.lower()
    return "\0".join(_texts(entry)).lower()


def _texts(entry: object) -> list[str]:
    found: list[str] = []
    kind: type = type(entry)
    for value in _attributes(kind)(entry):
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, msgspec.Struct):
            found.extend(_texts(value))
    return found


def _searched(entries: Sequence[T], search: str, texts: Iterable[str] | None) -> Sequence[T]:
    if not search or not entries:
        return entries
    needle = search.lower()
    known = map(text_of, entries) if texts is None else texts
    return [entry for entry, text in zip(entries, known, strict=True) if needle in text]


@cache
def _attributes(kind: type) -> Callable[[object], tuple[Any, ...]]:
    """Return a function that gives all field values of a struct of this kind."""
    names = [field.name for field in fields_of(kind)]
    if len(names) == 1:
        single = attrgetter(names[0])
        return lambda entry: (single(entry),)
    return attrgetter(*names) if names else lambda _: ()


def _sorted(entries: Sequence[T], field: str, order: str) -> Sequence[T]:
    key = _sort_key(entries, field)
    if key is None:
        return entries
    if order == DESCENDING:
        return sorted(entries, key=key, reverse=True)
    ordered = sorted(entries, key=key)
    if order in ASCENDING:
        return ordered
    pinned = order.lower()
    return sorted(ordered, key=lambda entry: [str(value).lower() for value in key(entry)] != [pinned])


def _sort_key(entries: Sequence[Any], field: str) -> Callable[[Any], tuple[Any, ...]] | None:
    """Return the key that sorts by the JSON field `field`; entries without a value come first. None: unsortable."""
    if not entries or isinstance(entries[0], str):
        return None
    name = next((f.name for f in fields_of(type(entries[0])) if f.encode_name == field), None)
    if name is None:
        return None
    get = attrgetter(name)
    sample = next((value for value in map(get, entries) if value not in ABSENT), None)
    if not isinstance(sample, SORTABLE):
        return None
    return lambda entry: () if (value := get(entry)) in ABSENT else (value,)

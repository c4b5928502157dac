"""The lists of packages, kept ready between requests: they change when the catalogue does, not with the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from townos.api.routes.package_objects import GroupObject, GroupQuery, Identity, PackageEntry, PackageQuery
from townos.api.wire.listing import Page, page, text_of
from townos.names import PackageId
from townos.packages.manifest import Manifest
from townos.repositories.index import Group, Listing

TRUE: Final = "true"
"""The one word that sets a filter of a query."""


@dataclass(frozen=True, slots=True)
class PresentVersion:
    """What is installed of a package, and whether its manifest is no longer the repository's.

    `manifest` is the one that it runs from, if it can be read: only of a package that no listing shows.
    """

    package: PackageId
    changed: bool = False
    manifest: Manifest | None = None


Present = Mapping[tuple[str, str], PresentVersion]
"""What is installed, by repository and name."""


class Offers(Protocol):
    """The catalogue's lists. While nothing changes they are the same objects."""

    def entries(self) -> tuple[Listing, ...]:
        """Return one entry for each package name."""

    def groups(self) -> tuple[Group, ...]:
        """Return the packages by repository."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, and the text that a search looks into."""

    entry: PackageEntry
    text: str

    @classmethod
    def of(cls, entry: PackageEntry) -> Self:
        """Return the row of an entry."""
        return cls(entry, text_of(entry))


@dataclass(frozen=True, slots=True)
class _Offered:
    """The rows of one state of the catalogue, as if nothing were installed."""

    listings: tuple[Listing, ...]
    locale: str
    rows: tuple[Row, ...]
    places: Mapping[tuple[str, str], int]

    def after(self, listings: tuple[Listing, ...], locale: str) -> "_Offered":
        """Return the rows of a later state; a listing that is still the same object keeps its row."""
        known = {id(listing): row for listing, row in zip(self.listings, self.rows, strict=True)}
        if locale != self.locale:
            known = {}
        rows = tuple(known.get(id(listing)) or Row.of(PackageEntry.of(listing, "", locale)) for listing in listings)
        ids = (listing.id for listing in listings)
        places: dict[tuple[str, str], int] = {(one.repository, one.name): place for place, one in enumerate(ids)}
        return _Offered(listings, locale, rows, places)

    def with_installed(self, installed: Present) -> list[Row]:
        """Return a row for each listing, and one for each installed package that no listing shows."""
        rows = list(self.rows)
        for key, present in installed.items():
            place = self.places.get(key)
            if place is None:
                entry = PackageEntry.unlisted(present.package, present.manifest, changed=present.changed)
                rows.append(Row.of(entry))
            else:
                entry = PackageEntry.of(
                    self.listings[place], present.package.version, self.locale, changed=present.changed
                )
                rows[place] = Row.of(entry)
        return rows


class PackageList:
    """The flat list. Ten thousand rows take tens of milliseconds to make and one to search."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._offered = _Offered((), "", (), {})

    def unlisted(self, installed: Present, locale: str) -> list[PackageId]:
        """Return those installed packages that no listing shows: for them there is only their own manifest."""
        places = self._current(locale).places
        return [present.package for key, present in installed.items() if key not in places]

    def page(self, query: PackageQuery, installed: Present, locale: str) -> Page[PackageEntry]:
        """Return the page that is asked for."""
        rows = self._current(locale).with_installed(installed)
        if query.installed_only == TRUE:
            rows = [row for row in rows if row.entry.installed]
        if query.featured_only == TRUE:
            rows = [row for row in rows if row.entry.featured]
        return page([row.entry for row in rows], query, texts=[row.text for row in rows])

    def _current(self, locale: str) -> _Offered:
        listings = self._offers.entries()
        if self._offered.listings is not listings or self._offered.locale != locale:
            self._offered = self._offered.after(listings, locale)
        return self._offered


class PackageGroups:
    """The packages by repository."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._objects: dict[str, tuple[Group, GroupObject]] = {}

    def matching(self, query: GroupQuery) -> list[GroupObject]:
        """Return the groups with the packages that are asked for; where something is asked, none that is empty."""
        search, featured_only = query.search.lower(), query.featured_only == TRUE
        if not search and not featured_only:
            return self._whole(self._offers.groups())
        groups = [_matching(group, search, featured_only=featured_only) for group in self._offers.groups()]
        return [group for group in groups if group.packages]

    def _whole(self, groups: Sequence[Group]) -> list[GroupObject]:
        known = self._objects
        self._objects = {group.repository: _kept(known.get(group.repository), group) for group in groups}
        return [kept for _, kept in self._objects.values()]


def _kept(known: tuple[Group, GroupObject] | None, group: Group) -> tuple[Group, GroupObject]:
    return known if known is not None and known[0] is group else (group, _matching(group, "", featured_only=False))


def _matching(group: Group, search: str, *, featured_only: bool) -> GroupObject:
    packages = [
        Identity(str(listing.id.repository), str(listing.id.name), str(listing.id.version))
        for listing in group.packages
        if search in listing.id.name.lower() and (listing.featured or not featured_only)
    ]
    return GroupObject(group.repository, packages, group.featured)

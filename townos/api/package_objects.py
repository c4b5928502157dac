"""Packages as they come in and go out."""

from collections.abc import Mapping
from typing import Self

import msgspec

from townos.api.requests import ListQuery, Name, Request, Text
from townos.installations.preview import Preview
from townos.packages.questions import Question
from townos.ports import PortMapping
from townos.repositories.index import Listing


class PackageQuery(ListQuery):
    """A list of packages; only the word `true` sets a filter."""

    installed_only: Text = ""
    featured_only: Text = ""


class GroupQuery(Request):
    """Packages by repository; `search` looks into names only."""

    search: Text = ""
    featured_only: Text = ""


class ByName(Request):
    """A package by its name alone."""

    name: Name = ""


class ByPackage(Request):
    """A package of a repository."""

    repo: Name = ""
    name: Name = ""


class ByIdentity(Request):
    """One version of a package; empty fields are looked up."""

    repo: Name = ""
    name: Name = ""
    version: Name = ""


class Install(ByIdentity):
    """What to install, with which answers."""

    responses: dict[Name, Text] = msgspec.field(default_factory=dict)
    reuse_volumes: bool = False
    import_from_version: Name = ""
    skip_response_reuse: bool = False
    operation_id: Name = ""


class Uninstall(ByIdentity):
    """What to uninstall, and whether its data goes too."""

    purge_volumes: bool = False
    operation_id: Name = ""


class PackageEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A package in the flat list; `error` is why its manifest cannot be used."""

    repo: str
    name: str
    version: str
    runtime: str
    installed: bool
    description: str = ""
    supplies: tuple[str, ...] = ()
    installed_version: str = ""
    featured: bool = False
    error: str = ""

    @classmethod
    def of(cls, listing: Listing, installed_version: str, locale: str) -> Self:
        """Return the entry of a listing."""
        summary = listing.summary
        return cls(
            repo=listing.id.repository,
            name=listing.id.name,
            version=listing.id.version,
            runtime=summary.runtime,
            installed=bool(installed_version),
            description=summary.description,
            supplies=summary.supplies,
            installed_version=installed_version,
            featured=listing.featured,
            error=summary.error.text(locale) if summary.error else "",
        )


class Identity(msgspec.Struct, frozen=True):
    """A package in a group."""

    repo: str
    name: str
    version: str


class GroupObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A repository's packages; `featured` stays whole whatever is filtered."""

    repo: str
    packages: list[Identity]
    featured: tuple[str, ...] = ()


class FeaturedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A featured package."""

    repo: str
    name: str
    version: str
    installed: bool
    description: str = ""
    installed_version: str = ""


class FeaturedGroup(msgspec.Struct, frozen=True):
    """A repository's featured packages."""

    repo: str
    packages: list[FeaturedEntry]


class QuestionObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question as it is asked."""

    query: str
    type: str = ""
    default: str = ""


def question_objects(questions: Mapping[str, Question]) -> dict[str, QuestionObject]:
    """Return questions by name."""
    return {name: QuestionObject(one.query, one.type, one.default) for name, one in questions.items()}


class InfoObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What there is to know about an installed package."""

    questions: dict[str, QuestionObject]
    responses: dict[str, str]
    notes: dict[str, str]
    note_types: dict[str, str] = {}


class VolumeObject(msgspec.Struct, frozen=True):
    """A volume that would be made."""

    name: str
    mountpoint: str
    migrated: bool
    fresh: bool
    quota: str | msgspec.UnsetType = msgspec.UNSET


class PortObject(msgspec.Struct, frozen=True):
    """A port of this machine and the application's behind it."""

    external: int
    internal: int

    @classmethod
    def of(cls, port: PortMapping) -> Self:
        """Return the object of a port."""
        return cls(port.external, port.internal)


class PreviewObject(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation would make."""

    repo: str
    name: str
    version: str
    description: str | msgspec.UnsetType = msgspec.UNSET
    image: str
    runtime: str
    volumes: list[VolumeObject]
    external_ports: list[PortObject]
    internal_ports: list[PortObject]
    has_questions: bool
    total_quota: int
    quota_exceeds_disk: bool
    summary: str

    @classmethod
    def of(cls, preview: Preview, locale: str) -> Self:
        """Return the object of a preview."""
        return cls(
            repo=preview.id.repository,
            name=preview.id.name,
            version=preview.id.version,
            description=preview.manifest.description or msgspec.UNSET,
            image=preview.manifest.image or "",
            runtime="container",
            volumes=[
                VolumeObject(
                    volume.name, volume.mountpoint, migrated=False, fresh=True, quota=volume.quota or msgspec.UNSET
                )
                for volume in preview.volumes
            ],
            external_ports=[PortObject.of(port) for port in preview.external_ports],
            internal_ports=[PortObject.of(port) for port in preview.internal_ports],
            has_questions=preview.has_questions,
            total_quota=preview.total_quota,
            quota_exceeds_disk=preview.quota_exceeds_disk,
            summary=preview.summary(locale),
        )

"""Packages as they come in and go out."""

from collections.abc import Mapping
from typing import Literal, Self

import msgspec

from townos.api.wire.requests import ListQuery, Name, Request, Text
from townos.installations.planning.plans import Origin
from townos.installations.preview import Preview
from townos.names import PackageId
from townos.network.port_mapping import PortMapping
from townos.packages.manifest import Manifest, NoteType, Runtime, VmSpec
from townos.packages.questions import Question
from townos.repositories.index import Listing
from townos.storage.volumes import DiskUsage


class PackageQuery(ListQuery):
    """A list of packages; only the word `true` sets a filter."""

    installed_only: Text = ""
    featured_only: Text = ""


class GroupQuery(Request):
    """Packages by repository; `search` looks into names only."""

    search: Text = ""
    featured_only: Text = ""


class ByPackageName(Request):
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


class OnPackage(ByPackage):
    """What an operation on an installed package, or on what is left of one, needs to know."""

    operation_id: Name = ""


class OnIdentity(ByIdentity):
    """The same for an operation on one version."""

    operation_id: Name = ""


class Install(OnIdentity):
    """What to install, with which answers."""

    responses: dict[Name, Text] = msgspec.field(default_factory=dict)
    reuse_volumes: bool = False
    import_from_version: Name = ""
    skip_response_reuse: bool = False


class KeptObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What there is of a package's data."""

    has_uninstalled_volumes: bool
    uninstalled_versions: list[str] = []
    installed_versions: list[str] = []


class UpgradeObject(msgspec.Struct, frozen=True):
    """An installed package that could be another one."""

    repo: str
    name: str
    installed_version: str
    latest_version: str
    changed: bool


class Uninstall(OnIdentity):
    """What to uninstall, and whether its data goes too."""

    purge_volumes: bool = False


class PackageEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A package in the flat list; `error` is why its manifest cannot be used, and then `runtime` is empty."""

    repo: str
    name: str
    version: str
    runtime: Runtime | Literal[""]
    installed: bool
    description: str = ""
    supplies: tuple[str, ...] = ()
    installed_version: str = ""
    featured: bool = False
    changed: bool = False
    error: str = ""

    @classmethod
    def of(cls, listing: Listing, installed_version: str, locale: str, *, changed: bool = False) -> Self:
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
            changed=changed,
            error=summary.error.text(locale) if summary.error else "",
        )

    @classmethod
    def unlisted(cls, package: PackageId, manifest: Manifest | None, *, changed: bool) -> Self:
        """Return the entry of an installed package that the catalogue does not show; none: it cannot be read."""
        return cls(
            repo=package.repository,
            name=package.name,
            version=package.version,
            runtime=manifest.runtime if manifest else "",
            installed=True,
            description=manifest.description if manifest else "",
            supplies=manifest.supplies if manifest else (),
            installed_version=package.version,
            changed=changed,
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
    note_types: dict[str, NoteType] = {}
    has_git: bool = False
    disabled: bool = False


class VolumeObject(msgspec.Struct, frozen=True):
    """A volume that would be made."""

    name: str
    mountpoint: str
    migrated: bool
    fresh: bool
    quota: str | msgspec.UnsetType = msgspec.UNSET


class DiskUsageObject(msgspec.Struct, frozen=True):
    """How full the disk is, in bytes."""

    total: int
    used: int
    available: int


class VmObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A virtual machine, as its manifest describes it."""

    image: str
    memory: str = ""
    cpus: int = 0


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
    upgrading_from: str | msgspec.UnsetType = msgspec.UNSET
    image: str
    runtime: Runtime
    vm: VmObject | msgspec.UnsetType = msgspec.UNSET
    volumes: list[VolumeObject]
    external_ports: list[PortObject]
    internal_ports: list[PortObject]
    has_questions: bool
    disk_usage: DiskUsageObject | msgspec.UnsetType = msgspec.UNSET
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
            upgrading_from=preview.upgrading_from or msgspec.UNSET,
            image=preview.manifest.image or "",
            runtime=preview.manifest.runtime,
            vm=_vm(preview.manifest.vm),
            volumes=[
                VolumeObject(
                    volume.name,
                    volume.mountpoint,
                    migrated=preview.migrated(volume),
                    fresh=volume.origin is Origin.NEW,
                    quota=volume.quota or msgspec.UNSET,
                )
                for volume in preview.volumes
            ],
            external_ports=[PortObject.of(port) for port in preview.external_ports],
            internal_ports=[PortObject.of(port) for port in preview.internal_ports],
            has_questions=preview.has_questions,
            disk_usage=_disk_usage(preview.disk_usage),
            total_quota=preview.total_quota,
            quota_exceeds_disk=preview.quota_exceeds_disk,
            summary=preview.summary(locale),
        )


def _vm(vm: VmSpec | None) -> VmObject | msgspec.UnsetType:
    return msgspec.UNSET if vm is None else VmObject(vm.image, vm.memory, vm.cpus)


def _disk_usage(usage: DiskUsage) -> DiskUsageObject | msgspec.UnsetType:
    """Return the object; without a disk there is nothing to tell."""
    return DiskUsageObject(usage.total, usage.used, usage.available) if usage.total else msgspec.UNSET

"""Routes of packages: what there is, what it asks, installing and uninstalling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from townos.api.call import Call
from townos.api.routes import package_list
from townos.api.routes.package_list import PackageGroups, PackageList, PresentVersion
from townos.api.routes.package_objects import (
    ByIdentity,
    ByPackage,
    ByPackageName,
    FeaturedEntry,
    FeaturedGroup,
    GroupObject,
    GroupQuery,
    InfoObject,
    Install,
    KeptObject,
    OnIdentity,
    OnPackage,
    PackageEntry,
    PackageQuery,
    PreviewObject,
    QuestionObject,
    Uninstall,
    UpgradeObject,
    question_objects,
)
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.requests import ListQuery
from townos.errors import FieldError, Malformed, NotFound, at_field
from townos.installations.inspection import Inspection
from townos.installations.installations import Installations
from townos.installations.planning.requests import DataReuse
from townos.installations.planning.requests import Request as InstallRequest
from townos.installations.records.upgrades import Upgrades
from townos.names import PackageId, PackageName, RepositoryName
from townos.repositories.index import Group


class Offers(package_list.Offers, Protocol):
    """The port to the catalogue."""

    def versions(self, name: str) -> Iterable[str]:
        """Return all versions of a package, highest first."""

    def latest(self, name: str) -> PackageId:
        """Return the highest version of a package. Raises `NotFound`."""

    def find(self, repository: str | None, name: str, version: str | None) -> PackageId:
        """Return the package that is meant. Raises `NotFound`."""


@dataclass(frozen=True, slots=True)
class PackageServices:
    """What the routes of packages ask."""

    offers: Offers
    installations: Installations
    inspection: Inspection
    upgrades: Upgrades


def routes(services: PackageServices) -> Routes:
    """Return the routes of this area."""
    return (
        *_catalogue_routes(services.offers, services.inspection, services.upgrades),
        *_question_routes(services.offers, services.inspection),
        *_record_routes(services.installations, services.inspection),
        *_upgrade_routes(services.upgrades),
        *_change_routes(services.offers, services.installations, services.inspection),
        *_data_routes(services.installations),
    )


def _catalogue_routes(offers: Offers, inspection: Inspection, upgrades: Upgrades) -> Routes:
    flat, grouped = PackageList(offers), PackageGroups(offers)

    async def listing(call: Call, query: PackageQuery) -> Page[PackageEntry]:
        present = await _present(inspection, upgrades)
        for package in flat.unlisted(present, call.locale):
            manifest = await inspection.installed_manifest(package)
            key = package.repository, package.name
            present[key] = replace(present[key], manifest=manifest)
        return flat.page(query, present, call.locale)

    async def by_repository(_: Call, query: GroupQuery) -> list[GroupObject]:
        return grouped.matching(query)

    async def featured(_: Call) -> list[FeaturedGroup]:
        installed: Mapping[tuple[str, str], str] = {
            (one.repository, one.name): one.version for one in await inspection.installed()
        }
        groups = [FeaturedGroup(group.repository, _featured(group, installed)) for group in offers.groups()]
        return [group for group in groups if group.packages]

    async def versions(_: Call, body: ByPackageName) -> list[str]:
        return list(offers.versions(body.name))

    async def installed(_: Call, query: ListQuery) -> Page[str]:
        names = sorted(map(str, await inspection.installed()), reverse=query.sort_order == "desc")
        return page(names, ListQuery(limit=query.limit, offset=query.offset, search=query.search))

    return (
        get("/packages", listing, Auth.SESSION),
        get("/packages/by-repo", by_repository, Auth.SESSION),
        get("/packages/featured", featured, Auth.SESSION),
        post("/packages/versions", versions, Auth.SESSION, audit=None),
        get("/packages/installed", installed, Auth.SESSION),
    )


def _question_routes(offers: Offers, inspection: Inspection) -> Routes:
    async def newest(_: Call, body: ByPackageName) -> dict[str, QuestionObject]:
        return question_objects((await inspection.manifest(offers.latest(body.name))).questions)

    async def identified(_: Call, body: ByIdentity) -> dict[str, QuestionObject]:
        package = await _find(offers, inspection, body)
        return question_objects((await inspection.manifest(package)).questions)

    async def preview(call: Call, body: ByIdentity) -> PreviewObject:
        package = await _find(offers, inspection, body)
        return PreviewObject.of(await inspection.preview(package), call.locale)

    return (
        post("/packages/questions", newest, Auth.ADMIN, audit=None),
        post("/packages/questions/identity", identified, Auth.ADMIN, audit=None),
        post("/packages/install-preview", preview, Auth.SESSION, audit=None),
    )


def _record_routes(installations: Installations, inspection: Inspection) -> Routes:
    async def info(call: Call, body: ByIdentity) -> InfoObject:
        package = await installations.resolve_installed(body.repo, body.name, body.version)
        found = await inspection.info(package, secrets=call.admin)
        return InfoObject(
            questions=question_objects(found.questions),
            responses=dict(found.answers),
            notes=dict(found.notes),
            note_types=dict(found.note_types),
            has_git=found.has_git,
            disabled=found.disabled,
        )

    async def answers(call: Call, body: ByIdentity) -> dict[str, str]:
        package = PackageId.parse(body.repo, body.name, body.version)
        return dict(await inspection.answers(package, secrets=call.admin))

    async def last_answers(call: Call, body: ByPackage) -> dict[str, str]:
        return dict(await inspection.last_answers(*_package(body), secrets=call.admin))

    async def children(_: Call, body: ByPackage) -> list[str]:
        return list(await inspection.children(*_package(body)))

    async def kept(_: Call, body: ByPackage) -> KeptObject:
        found = await installations.kept_volumes(*_package(body))
        return KeptObject(
            bool(found.uninstalled_versions), list(found.uninstalled_versions), list(found.installed_versions)
        )

    async def clear(_: Call, body: ByPackage) -> dict[str, str]:
        await inspection.clear_last_answers(*_package(body))
        return {}

    return (
        post("/packages/installed/info", info, Auth.SESSION, audit=None),
        post("/packages/responses", answers, Auth.SESSION, audit=None),
        post("/packages/last-responses", last_answers, Auth.SESSION, audit=None),
        post("/packages/children", children, Auth.SESSION, audit=None),
        post("/packages/uninstalled-volumes", kept, Auth.SESSION, audit=None),
        post("/packages/clear-last-responses", clear, Auth.ADMIN, audit=""),
    )


def _upgrade_routes(upgrades: Upgrades) -> Routes:
    async def available(_: Call) -> list[UpgradeObject]:
        return [
            UpgradeObject(
                repo=upgrade.package.repository,
                name=upgrade.package.name,
                installed_version=upgrade.package.version,
                latest_version=upgrade.latest_version,
                changed=upgrade.changed,
            )
            for upgrade in await upgrades.available()
        ]

    async def dismiss(_: Call) -> None:
        await upgrades.dismiss()

    return (
        get("/packages/upgrades", available, Auth.SESSION),
        post("/packages/upgrades/dismiss", dismiss, Auth.ADMIN, audit="dismiss_upgrades"),
    )


def _change_routes(offers: Offers, installations: Installations, inspection: Inspection) -> Routes:
    async def install(call: Call, body: Install) -> None:
        package = await _find(offers, inspection, body)
        loaded = await inspection.load(package)
        questions = loaded.manifest.questions
        call.disclose(name for name, question in questions.items() if question.type != "secret")
        data_reuse = DataReuse(body.reuse_volumes, body.import_from_version)
        request = InstallRequest(loaded, body.responses, data_reuse, skip_response_reuse=body.skip_response_reuse)
        await installations.install(request, operation_id=body.operation_id)

    async def uninstall(_: Call, body: Uninstall) -> None:
        package = await installations.resolve_installed(body.repo, body.name, body.version)
        await installations.uninstall(package, purge=body.purge_volumes, operation_id=body.operation_id)

    async def disable(_: Call, body: OnPackage) -> None:
        await installations.disable(*_package(body), operation_id=body.operation_id)

    async def enable(_: Call, body: OnPackage) -> None:
        await installations.enable(*_package(body), operation_id=body.operation_id)

    return (
        post("/packages/install", install, Auth.ADMIN, audit="install_package"),
        post("/packages/uninstall", uninstall, Auth.ADMIN, audit="uninstall_package"),
        post("/packages/disable", disable, Auth.ADMIN, audit="disable_package"),
        post("/packages/enable", enable, Auth.ADMIN, audit="enable_package"),
    )


def _data_routes(installations: Installations) -> Routes:
    async def purge(_: Call, body: OnPackage) -> None:
        await installations.purge_volumes(*_package(body), operation_id=body.operation_id)

    async def purge_kept(_: Call, body: OnPackage) -> None:
        await installations.purge_kept_volumes(*_package(body), operation_id=body.operation_id)

    async def rebuild(_: Call, body: OnIdentity) -> dict[str, str]:
        await installations.rebuild_git(_whole_identity(body), operation_id=body.operation_id)
        return {}

    return (
        post("/packages/purge-volumes", purge, Auth.ADMIN, audit="purge_volumes"),
        post("/packages/purge-uninstalled-volumes", purge_kept, Auth.ADMIN, audit="purge_uninstalled_volumes"),
        post("/packages/rebuild-git", rebuild, Auth.ADMIN, audit="rebuild_git"),
    )


def _whole_identity(body: ByIdentity) -> PackageId:
    """Return the identity of which no part is left out. Raises `Malformed` naming those that are."""
    missing = [name for name in ("repo", "name", "version") if not getattr(body, name)]
    if missing:
        code = "rebuild.fields_required"
        raise Malformed(code, fields=[FieldError(name, code) for name in missing])
    return PackageId.parse(body.repo, body.name, body.version)


def _package(body: ByPackage) -> tuple[RepositoryName, PackageName]:
    return at_field("repo", RepositoryName.parse, body.repo), at_field("name", PackageName.parse, body.name)


async def _find(offers: Offers, inspection: Inspection, body: ByIdentity) -> PackageId:
    """Return the offered package that is meant, or the installed one that its repository no longer offers."""
    try:
        return offers.find(body.repo, body.name, body.version)
    except NotFound:
        installed = await inspection.find_installed(body.repo, body.name, body.version)
        if installed is None:
            raise
        return installed


async def _present(inspection: Inspection, upgrades: Upgrades) -> dict[tuple[str, str], PresentVersion]:
    installed = await inspection.installed()
    changed = await upgrades.changed(installed)
    return {(one.repository, one.name): PresentVersion(one, one in changed) for one in installed}


def _featured(group: Group, installed: Mapping[tuple[str, str], str]) -> list[FeaturedEntry]:
    entries = []
    for listing in group.packages:
        if listing.featured:
            package = listing.id
            version = installed.get((package.repository, package.name), "")
            entries.append(
                FeaturedEntry(
                    package.repository,
                    package.name,
                    package.version,
                    installed=bool(version),
                    description=listing.summary.description,
                    installed_version=version,
                )
            )
    return entries

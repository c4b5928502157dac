"""Routes of packages: what there is, what it asks, installing and uninstalling."""

from collections.abc import Iterable
from typing import Protocol

from townos.api import package_list
from townos.api.call import Call
from townos.api.listing import Page, page
from townos.api.package_list import PackageGroups, PackageList, Versions
from townos.api.package_objects import (
    ByIdentity,
    ByName,
    ByPackage,
    FeaturedEntry,
    FeaturedGroup,
    GroupObject,
    GroupQuery,
    InfoObject,
    Install,
    PackageEntry,
    PackageQuery,
    PreviewObject,
    QuestionObject,
    Uninstall,
    question_objects,
)
from townos.api.requests import ListQuery
from townos.api.routing import Auth, Routes, get, post
from townos.errors import FieldError, Invalid, NotFound, at_field
from townos.installations.service import Installations
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


def routes(offers: Offers, installations: Installations) -> Routes:
    """Return the routes of this area."""
    return (
        *_catalogue_routes(offers, installations),
        *_question_routes(offers, installations),
        *_record_routes(installations),
        *_change_routes(offers, installations),
    )


def _catalogue_routes(offers: Offers, installations: Installations) -> Routes:
    flat, grouped = PackageList(offers), PackageGroups(offers)

    async def listing(call: Call, query: PackageQuery) -> Page[PackageEntry]:
        return flat.page(query, await _versions(installations), call.locale)

    async def by_repository(_: Call, query: GroupQuery) -> list[GroupObject]:
        return grouped.matching(query)

    async def featured(_: Call) -> list[FeaturedGroup]:
        installed = await _versions(installations)
        groups = [FeaturedGroup(group.repository, _featured(group, installed)) for group in offers.groups()]
        return [group for group in groups if group.packages]

    async def versions(_: Call, body: ByName) -> list[str]:
        return list(offers.versions(body.name))

    async def installed(_: Call, query: ListQuery) -> Page[str]:
        names = sorted(map(str, await installations.installed()), reverse=query.sort_order == "desc")
        return page(names, ListQuery(limit=query.limit, offset=query.offset, search=query.search))

    return (
        get("/packages", listing, Auth.SESSION),
        get("/packages/by-repo", by_repository, Auth.SESSION),
        get("/packages/featured", featured, Auth.SESSION),
        post("/packages/versions", versions, Auth.SESSION, audit=None),
        get("/packages/installed", installed, Auth.SESSION),
    )


def _question_routes(offers: Offers, installations: Installations) -> Routes:
    async def newest(_: Call, body: ByName) -> dict[str, QuestionObject]:
        return question_objects((await installations.manifest(offers.latest(body.name))).questions)

    async def identified(_: Call, body: ByIdentity) -> dict[str, QuestionObject]:
        package = await _find(offers, installations, body)
        return question_objects((await installations.manifest(package)).questions)

    async def preview(call: Call, body: ByIdentity) -> PreviewObject:
        package = await _find(offers, installations, body)
        return PreviewObject.of(await installations.preview(package), call.locale)

    return (
        post("/packages/questions", newest, Auth.ADMIN, audit=None),
        post("/packages/questions/identity", identified, Auth.ADMIN, audit=None),
        post("/packages/install-preview", preview, Auth.SESSION, audit=None),
    )


def _record_routes(installations: Installations) -> Routes:
    async def info(call: Call, body: ByIdentity) -> InfoObject:
        package = await installations.resolve_installed(body.repo, body.name, body.version)
        found = await installations.info(package, secrets=call.admin)
        return InfoObject(
            question_objects(found.questions), dict(found.answers), dict(found.notes), dict(found.note_types)
        )

    async def answers(call: Call, body: ByIdentity) -> dict[str, str]:
        package = PackageId.parse(body.repo, body.name, body.version)
        return dict(await installations.answers(package, secrets=call.admin))

    async def last_answers(call: Call, body: ByPackage) -> dict[str, str]:
        return dict(await installations.last_answers(*_package(body), secrets=call.admin))

    async def clear(_: Call, body: ByPackage) -> dict[str, str]:
        await installations.clear_last_answers(*_package(body))
        return {}

    return (
        post("/packages/installed/info", info, Auth.SESSION, audit=None),
        post("/packages/responses", answers, Auth.SESSION, audit=None),
        post("/packages/last-responses", last_answers, Auth.SESSION, audit=None),
        post("/packages/clear-last-responses", clear, Auth.ADMIN, audit=""),
    )


def _change_routes(offers: Offers, installations: Installations) -> Routes:
    async def install(call: Call, body: Install) -> None:
        _refuse_unsupported(body)
        package = await _find(offers, installations, body)
        questions = (await installations.manifest(package)).questions
        call.disclose(name for name, question in questions.items() if question.type != "secret")
        await installations.install(package, body.responses, operation_id=body.operation_id)

    async def uninstall(_: Call, body: Uninstall) -> None:
        package = await installations.resolve_installed(body.repo, body.name, body.version)
        await installations.uninstall(package, purge=body.purge_volumes, operation_id=body.operation_id)

    return (
        post("/packages/install", install, Auth.ADMIN, audit="install_package"),
        post("/packages/uninstall", uninstall, Auth.ADMIN, audit="uninstall_package"),
    )


def _package(body: ByPackage) -> tuple[RepositoryName, PackageName]:
    return at_field("repo", RepositoryName.parse, body.repo), at_field("name", PackageName.parse, body.name)


async def _find(offers: Offers, installations: Installations, body: ByIdentity) -> PackageId:
    """Return the offered package that is meant, or the installed one that its repository no longer offers."""
    try:
        return offers.find(body.repo, body.name, body.version)
    except NotFound:
        installed = await installations.find_installed(body.repo, body.name, body.version)
        if installed is None:
            raise
        return installed


def _refuse_unsupported(body: Install) -> None:
    unsupported = [name for name in ("reuse_volumes", "import_from_version") if getattr(body, name)]
    if unsupported:
        fields = [FieldError(name, "install.not_supported", (name,)) for name in unsupported]
        raise Invalid("install.not_supported", ", ".join(unsupported), fields=fields)


async def _versions(installations: Installations) -> Versions:
    return {(package.repository, package.name): package.version for package in await installations.installed()}


def _featured(group: Group, installed: Versions) -> list[FeaturedEntry]:
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

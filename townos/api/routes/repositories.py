"""Routes of the package repositories."""

from typing import Self

from msgspec import UNSET, Struct, UnsetType

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.problems import Message, message
from townos.api.wire.requests import Integer, ListQuery, Name, Password, Request, Url
from townos.repositories.repository import RepositoryInfo
from townos.repositories.service import Repositories


class AddRepository(Request):
    """A new repository; an empty name is taken from the URL; an administrator's empty credentials are the system's."""

    name: Name = ""
    url: Url = ""
    username: Name = ""
    password: Password = ""


class RemoveRepository(Request):
    """Which repository is removed."""

    name: Name = ""


class MoveRepository(Request):
    """A repository and its new place; 0 is the most important, too high means last."""

    name: Name = ""
    position: Integer = 0


class RefreshRepositories(Request):
    """Nothing: all repositories are refreshed."""


class RepositoryObject(Struct, frozen=True, omit_defaults=True):
    """A repository as it goes out, without its password."""

    name: str
    url: str
    username: str = ""
    error: str = ""
    error_detail: Message | UnsetType = UNSET
    """The error as data, only if there is one."""

    @classmethod
    def of(cls, info: RepositoryInfo, locale: str) -> Self:
        """Return the object of a repository, with its error in a language."""
        if info.error is None:
            return cls(info.name, info.url, info.username)
        return cls(info.name, info.url, info.username, info.error.text(locale), message(info.error))


def routes(repositories: Repositories) -> Routes:
    """Return the routes of this area."""

    async def listing(call: Call, query: ListQuery) -> Page[RepositoryObject]:
        return page([RepositoryObject.of(info, call.locale) for info in repositories.infos()], query)

    async def add(call: Call, body: AddRepository) -> None:
        await repositories.add(body.name, body.url, body.username, body.password, by_admin=call.admin)

    async def remove(_: Call, body: RemoveRepository) -> None:
        await repositories.remove(body.name)

    async def move(_: Call, body: MoveRepository) -> None:
        await repositories.move(body.name, body.position)

    async def refresh(call: Call, _: RefreshRepositories) -> dict[str, str] | None:
        errors = await repositories.refresh_all()
        return {name: error.text(call.locale) for name, error in errors.items()} or None

    return (
        get("/repository", listing, Auth.SESSION),
        post("/repository/add", add, Auth.SESSION, audit="add_repository"),
        post("/repository/remove", remove, Auth.SESSION, audit="remove_repository"),
        post("/repository/move", move, Auth.ADMIN, audit="move_repository"),
        post("/repository/refresh", refresh, Auth.SESSION, audit="refresh_repositories"),
    )

"""Routes of accounts and sessions."""

from datetime import datetime
from typing import Self

import msgspec
from msgspec import UNSET, UnsetType

from townos.accounts.accounts import Account, Accounts, Changes, NewAccount
from townos.accounts.contact import Contact
from townos.accounts.sessions import Session, Sessions
from townos.accounts.signin import SignIn
from townos.api.call import Call
from townos.api.routing import Auth, Guard, Routes, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.requests import ListQuery, Name, Password, Request, Text
from townos.errors import Forbidden


class Credentials(Request):
    """Who wants to sign in."""

    username: Name = ""
    password: Password = ""


class CreateAccount(Request):
    """A new account."""

    username: Name = ""
    password: Password = ""
    email: Text = ""
    phone: Text = ""
    real_name: Text = ""
    admin: bool = False


class ByUsername(Request):
    """One account."""

    username: Name = ""


class ChangedFields(Request):
    """The fields to change; `admin` is here only to be refused."""

    password: Password | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    phone: Text | UnsetType = UNSET
    real_name: Text | UnsetType = UNSET
    admin: bool | UnsetType = UNSET


class UpdateAccount(Request):
    """A change of one account."""

    username: Name = ""
    fields: ChangedFields = msgspec.field(default_factory=ChangedFields)


class RevokeSession(Request):
    """One session."""

    session_id: Name = ""


class SessionObject(msgspec.Struct, frozen=True):
    """A session as it goes out; its token never does."""

    id: str
    username: str
    created_at: datetime
    last_used: datetime

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return the object of a session."""
        return cls(session.id, session.username, session.created_at, session.last_used)


class Authenticated(msgspec.Struct, frozen=True):
    """The token of a new session, and whose it is."""

    token: str
    account: Account


class Me(msgspec.Struct, frozen=True):
    """Who calls."""

    username: str


def routes(accounts: Accounts, sessions: Sessions, sign_in: SignIn) -> Routes:
    """Return all routes of this area."""
    return (*_account_routes(accounts), *_session_routes(sessions, sign_in))


def _may_create(accounts: Accounts) -> Guard:
    async def guard(call: Call) -> None:
        if await accounts.needs_setup():
            call.require_own_host()
        else:
            call.require_admin()

    return guard


def _account_routes(accounts: Accounts) -> Routes:
    async def create(call: Call, body: CreateAccount) -> Account:
        new = NewAccount(
            username=body.username,
            password=body.password,
            email=body.email,
            phone=body.phone,
            real_name=body.real_name,
            admin=body.admin,
        )
        return await accounts.create(new, bootstrap=not call.admin)

    async def one(_: Call, body: ByUsername) -> Account:
        return await accounts.get(body.username)

    async def listing(_: Call, query: ListQuery) -> Page[Account]:
        return page(await accounts.list(), query)

    async def update(call: Call, body: UpdateAccount) -> Account:
        if body.fields.admin is not UNSET:
            raise Forbidden.at("fields.admin", "account.admin_status_immutable")
        return await accounts.update(
            body.username, _changes(body.fields), by=call.require_session(), session_id=call.session_id
        )

    async def disable(_: Call, body: ByUsername) -> None:
        await accounts.disable(body.username)

    async def enable(_: Call, body: ByUsername) -> None:
        await accounts.enable(body.username)

    return (
        post("/account/create", create, Auth.PUBLIC, audit="create_account", guard=_may_create(accounts)),
        post("/account", one, Auth.SESSION, audit=None),
        get("/account", listing, Auth.SESSION),
        post("/account/update", update, Auth.SESSION, audit="update_account"),
        post("/account/disable", disable, Auth.ADMIN, audit="disable_account"),
        post("/account/enable", enable, Auth.ADMIN, audit="enable_account"),
    )


def _session_routes(sessions: Sessions, sign_in: SignIn) -> Routes:
    async def authenticate(call: Call, body: Credentials) -> Authenticated:
        signed_in = await sign_in.authenticate(body.username, body.password, source=call.source)
        return Authenticated(signed_in.token, signed_in.account)

    async def own_sessions(call: Call) -> list[SessionObject]:
        account = call.require_session()
        return [SessionObject.of(session) for session in await sessions.list(account.username)]

    async def me(call: Call) -> Me:
        return Me(call.require_session().username)

    async def revoke(call: Call, body: RevokeSession) -> None:
        await sessions.revoke(body.session_id, by=call.require_session())

    return (
        post("/account/authenticate", authenticate, Auth.PUBLIC, audit="authenticate"),
        get("/account/sessions", own_sessions, Auth.SESSION),
        get("/account/me", me, Auth.SESSION),
        post("/account/session/revoke", revoke, Auth.SESSION, audit="revoke_session"),
    )


def _changes(fields: ChangedFields) -> Changes:
    given = {
        name: None if value is UNSET else value
        for name, value in (("email", fields.email), ("phone", fields.phone), ("real_name", fields.real_name))
    }
    return Changes(Contact(**given), None if fields.password is UNSET else fields.password)

"""The accounts of this home, and the rules that must hold whatever happens at the same time.

A rule that depends on other rows (the first administrator, the last one, a taken name) is checked inside the write
transaction that changes them.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from townos.accounts import table
from townos.accounts.contact import Contact, contact_errors
from townos.accounts.passwords import Hasher, password_error
from townos.accounts.table import Account, AccountCounts, Caller
from townos.clock import Clock
from townos.database.engine import Database
from townos.database.timestamps import stored
from townos.errors import Conflict, FieldError, Forbidden, Invalid, Unauthorized, at_field
from townos.limits import ACCOUNTS_MAX
from townos.names import Username

__all__ = ["Account", "AccountCounts", "Accounts", "Changes", "NewAccount", "Verified"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to get an account."""

    username: str
    password: str = field(repr=False)
    email: str
    phone: str
    real_name: str
    admin: bool = False

    @property
    def contact(self) -> Contact:
        """How to reach the person; all of it is required."""
        return Contact(self.email, self.phone, self.real_name)


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update changes; `None` leaves a field alone."""

    contact: Contact = field(default_factory=Contact)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """An account whose password has just been checked, and the hash it was checked against."""

    account: Account
    password_hash: str = field(repr=False)


class Accounts:
    """Creates, finds and changes accounts."""

    def __init__(self, database: Database, clock: Clock, hasher: Hasher) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._counts: AccountCounts | None = None
        self._generation = 0

    async def counts(self) -> AccountCounts:
        """Return the numbers, from memory unless accounts have changed: the anonymous ping asks at every call."""
        if self._counts is not None:
            return self._counts
        generation = self._generation
        counts = await self._database.read(table.count)
        if generation == self._generation:
            self._counts = counts
        return counts

    async def needs_setup(self) -> bool:
        """Tell whether there is no enabled administrator yet, so that anyone may create the first account."""
        return (await self.counts()).admins == 0

    async def create(self, new: NewAccount, *, bootstrap: bool) -> Account:
        """Create an account.

        With `bootstrap` nobody vouches for the caller: it is refused if an enabled administrator exists by now.
        Raises `Invalid`, `Unauthorized`, `Unavailable`, and `Conflict` that does not say whether the name is taken.
        """
        username = _check_new(new)
        now = stored(self._clock.now())
        row = {
            **new.contact.given(),
            "username": username,
            "password_hash": await self._hasher.hash(new.password),
            "admin": new.admin,
            "created_at": now,
            "updated_at": now,
        }

        def work(connection: sqlite3.Connection) -> Account:
            if bootstrap and table.count(connection).admins:
                raise Unauthorized("auth.missing_token")
            return _insert(connection, username, row)

        return await self._write(work)

    async def get(self, username: str) -> Account:
        """Return one account. Raises `NotFound`."""
        return await self._database.read(lambda connection: table.require(connection, username))

    async def list(self) -> tuple[Account, ...]:
        """Return all accounts in the order of their names."""
        return await self._database.read(table.every)

    async def verify(self, username: str, password: str) -> Verified | None:
        """Return the enabled account with this name and password, else nothing, in the same time for every reason."""
        row = await self._database.read(lambda connection: table.find(connection, username))
        if row is None:
            await self._hasher.verify_decoy(password)
            return None
        if not await self._hasher.verify(password, row["password_hash"]) or row["disabled"]:
            return None
        return Verified(table.account(row), row["password_hash"])

    async def update(self, username: str, changes: Changes, *, by: Caller, session_id: str | None = None) -> Account:
        """Change one's own account, or any as administrator.

        A new password ends every session of the account but `session_id`, the one that asked: whoever else is
        signed in knew only the old password. Raises `Forbidden`, `NotFound`, `Invalid`, `Unavailable`.
        """
        if not by.admin and by.username != username:
            raise Forbidden("auth.admin_required")
        _check_changes(changes)
        await self.get(username)
        values: dict[str, object] = {**changes.contact.given(), "updated_at": stored(self._clock.now())}
        if changes.password is not None:
            values["password_hash"] = await self._hasher.hash(changes.password)

        def work(connection: sqlite3.Connection) -> Account:
            if "password_hash" in values:
                connection.execute("DELETE FROM sessions WHERE username = ? AND id IS NOT ?", (username, session_id))
            return table.change(connection, username, values)

        return await self._write(work)

    async def disable(self, username: str) -> None:
        """Keep an account from signing in, and end its sessions.

        Raises `NotFound`, and `Conflict` for the last enabled administrator.
        """
        values = {"disabled": True, "updated_at": stored(self._clock.now())}

        def work(connection: sqlite3.Connection) -> None:
            account = table.require(connection, username)
            if account.admin and not account.disabled and table.count(connection).admins == 1:
                raise Conflict("account.last_admin")
            table.change(connection, username, values)
            connection.execute("DELETE FROM sessions WHERE username = ?", (username,))

        await self._write(work)

    async def enable(self, username: str) -> None:
        """Let a disabled account sign in again. Raises `NotFound`."""
        values = {"disabled": False, "updated_at": stored(self._clock.now())}
        await self._write(lambda connection: table.change(connection, username, values))

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await self._database.write(work)
        finally:
            self._generation += 1  # a count that is being read now may already be old
            self._counts = None


def _check_new(new: NewAccount) -> Username:
    errors = [error for error in (password_error(new.password), *contact_errors(new.contact)) if error]
    try:
        username = at_field("username", Username.parse, new.username)
    except Invalid as invalid:
        _refuse([*errors, *invalid.fields])
        raise
    _refuse(errors)
    return username


def _check_changes(changes: Changes) -> None:
    password = None if changes.password is None else password_error(changes.password)
    errors = [error for error in (password, *contact_errors(changes.contact)) if error]
    _refuse(FieldError(f"fields.{error.name}", error.code, error.params) for error in errors)


def _refuse(errors: Iterable[FieldError]) -> None:
    fields = tuple(errors)
    if fields:
        raise Invalid(fields[0].code, *fields[0].params, fields=fields)


def _insert(connection: sqlite3.Connection, username: Username, row: dict[str, object]) -> Account:
    if table.count(connection).accounts >= ACCOUNTS_MAX:
        raise Conflict("account.too_many", ACCOUNTS_MAX)
    try:
        table.insert(connection, row)
    except sqlite3.IntegrityError as error:
        raise Conflict("account.creation_failed") from error
    return table.require(connection, username)

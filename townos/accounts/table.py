"""The `accounts` table: its rows, and the statements on one open transaction."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from townos.database.timestamps import loaded
from townos.errors import NotFound


class Account(msgspec.Struct, frozen=True):
    """An account as it goes out: without its password."""

    username: str
    email: str
    phone: str
    real_name: str
    admin: bool
    disabled: bool
    created_at: datetime
    updated_at: datetime


class Caller(Protocol):
    """What a rule needs to know of the account that asks."""

    @property
    def username(self) -> str:
        """The name that signs in."""

    @property
    def admin(self) -> bool:
        """Whether it may do everything."""


@dataclass(frozen=True, slots=True)
class AccountCounts:
    """How many accounts there are. `admins` are the enabled administrators."""

    accounts: int
    admins: int


def count(connection: sqlite3.Connection) -> AccountCounts:
    """Count the accounts."""
    accounts, admins = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE admin AND NOT disabled) FROM accounts"
    ).fetchone()
    return AccountCounts(accounts, admins)


def find(connection: sqlite3.Connection, username: str) -> sqlite3.Row | None:
    """Return the row of one account, if there is one."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM accounts WHERE username = ?", (username,)).fetchone()
    return row


def require(connection: sqlite3.Connection, username: str) -> Account:
    """Return one account. Raises `NotFound`."""
    row = find(connection, username)
    if row is None:
        raise NotFound("account.not_found")
    return account(row)


def every(connection: sqlite3.Connection) -> tuple[Account, ...]:
    """Return all accounts in the order of their names."""
    return tuple(account(row) for row in connection.execute("SELECT * FROM accounts ORDER BY username"))


def insert(connection: sqlite3.Connection, row: Mapping[str, object]) -> None:
    """Add an enabled account. Raises `sqlite3.IntegrityError` if the name is taken."""
    connection.execute(
        "INSERT INTO accounts (username, password_hash, email, phone, real_name, admin, created_at, updated_at)"
        " VALUES (:username, :password_hash, :email, :phone, :real_name, :admin, :created_at, :updated_at)",
        row,
    )


def change(connection: sqlite3.Connection, username: str, values: Mapping[str, object]) -> Account:
    """Set columns of one account, whose names are never outside text. Raises `NotFound`."""
    columns = ", ".join(f"{column} = :{column}" for column in values)
    connection.execute(
        f"UPDATE accounts SET {columns} WHERE username = :username",  # noqa: S608
        {**values, "username": username},
    )
    return require(connection, username)


def account(row: sqlite3.Row) -> Account:
    """Return the account of a row that has all its columns."""
    return Account(
        username=row["username"],
        email=row["email"],
        phone=row["phone"],
        real_name=row["real_name"],
        admin=bool(row["admin"]),
        disabled=bool(row["disabled"]),
        created_at=loaded(row["created_at"]),
        updated_at=loaded(row["updated_at"]),
    )

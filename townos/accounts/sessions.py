"""Who is signed in: one row a session, looked up at every request, so that ending one works at once.

A token proves only that this process has issued it; whether it is still good is the table's word alone.
"""

import json
import logging
import sqlite3
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from townos.accounts import table
from townos.accounts.table import Account, Caller
from townos.accounts.tokens import Claims, TokenSigner
from townos.clock import Clock
from townos.database.engine import Database
from townos.database.timestamps import loaded, stored
from townos.errors import Forbidden, NotFound, TownError, Unauthorized
from townos.limits import (
    SESSION_CLEANUP_INTERVAL_SECONDS,
    SESSION_IDLE_SECONDS,
    SESSION_LAST_USED_WRITE_SECONDS,
    SESSIONS_PER_ACCOUNT_MAX,
)

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser or program."""

    id: str
    username: str
    created_at: datetime
    last_used: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request: the session it came with, and the account as it is now."""

    id: str
    account: Account


class Sessions:
    """Issues, validates and ends sessions."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        signer: TokenSigner,
        *,
        per_account: int = SESSIONS_PER_ACCOUNT_MAX,
    ) -> None:
        self._database = database
        self._clock = clock
        self._signer = signer
        self._per_account = per_account

    async def clear(self) -> None:
        """End all sessions. Called once at the start: tokens of an earlier run do not outlive its key."""
        await self._database.write(lambda connection: connection.execute("DELETE FROM sessions").rowcount)

    async def create(self, username: str, password_hash: str) -> str:
        """Begin a session and return its token.

        `password_hash` is the one that the password was checked against. Raises `Unauthorized` if it has changed
        since, or if the account has been disabled: the check takes long enough for either.
        """
        now = self._clock.now()
        session_id = str(uuid.uuid4())

        def work(connection: sqlite3.Connection) -> None:
            row = table.find(connection, username)
            if row is None or row["disabled"] or row["password_hash"] != password_hash:
                raise Unauthorized("account.invalid_credentials")
            connection.execute(
                "INSERT INTO sessions (id, username, created_at, last_used) VALUES (?, ?, ?, ?)",
                (session_id, username, stored(now), stored(now)),
            )
            _drop_surplus(connection, username, self._per_account)

        await self._database.write(work)
        return self._signer.sign(Claims(session_id, username, int(now.timestamp())))

    async def validate(self, token: str) -> Identity | None:
        """Return who the token stands for and note that it was used; nothing if it is good no longer, or never was."""
        claims = self._signer.read(token)
        if claims is None:
            return None
        row = await self._database.read(lambda connection: _find(connection, claims))
        if row is None or row["disabled"]:
            return None
        if row["last_used"] < self._oldest():
            await self.cleanup()
            return None
        idle = (self._clock.now() - loaded(row["last_used"])).total_seconds()
        if idle >= SESSION_LAST_USED_WRITE_SECONDS:
            await self._touch(claims.session_id)
        return Identity(claims.session_id, table.account(row))

    async def alive(self, session_ids: Collection[str]) -> frozenset[str]:
        """Return those of the sessions that are still good. Being asked for is no use of them."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT id FROM sessions JOIN accounts USING (username)"
                " WHERE NOT disabled AND last_used >= ? AND id IN (SELECT value FROM json_each(?))",
                (self._oldest(), json.dumps(sorted(session_ids))),
            ).fetchall()
        )
        return frozenset(row["id"] for row in rows)

    async def revoke(self, session_id: str, *, by: Caller) -> None:
        """End one's own session, or any as administrator. Raises `NotFound` and `Forbidden`."""

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute("SELECT username FROM sessions WHERE id = ?", (session_id,)).fetchone()
            if row is None:
                raise NotFound("session.not_found")
            if not by.admin and row["username"] != by.username:
                raise Forbidden("auth.admin_required")
            connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,))

        await self._database.write(work)

    async def revoke_all_for_user(self, username: str) -> int:
        """End all sessions of an account and return how many there were."""
        return await self._database.write(
            lambda connection: connection.execute("DELETE FROM sessions WHERE username = ?", (username,)).rowcount
        )

    async def list(self, username: str) -> tuple[Session, ...]:
        """Return the sessions of an account, the last used first."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM sessions WHERE username = ? AND last_used >= ?"
                " ORDER BY last_used DESC, created_at DESC, rowid DESC",
                (username, self._oldest()),
            ).fetchall()
        )
        return tuple(
            Session(row["id"], row["username"], loaded(row["created_at"]), loaded(row["last_used"])) for row in rows
        )

    async def get_username(self, session_id: str) -> str | None:
        """Return whose session it is, if it is still good."""
        row = await self._database.read(
            lambda connection: connection.execute(
                "SELECT username FROM sessions WHERE id = ? AND last_used >= ?", (session_id, self._oldest())
            ).fetchone()
        )
        return None if row is None else str(row["username"])

    async def has_active_admin_sessions(self) -> bool:
        """Tell whether an enabled administrator is signed in."""
        row = await self._database.read(
            lambda connection: connection.execute(
                "SELECT 1 FROM sessions JOIN accounts USING (username)"
                " WHERE admin AND NOT disabled AND last_used >= ? LIMIT 1",
                (self._oldest(),),
            ).fetchone()
        )
        return row is not None

    async def cleanup(self) -> int:
        """Remove the sessions that have been idle for too long and return how many there were."""
        return await self._database.write(
            lambda connection: (
                connection.execute("DELETE FROM sessions WHERE last_used < ?", (self._oldest(),)).rowcount
            )
        )

    async def serve(self) -> None:
        """Clean up now and every hour."""
        while True:
            removed = await self.cleanup()
            log.debug("removed %d expired sessions", removed)
            await self._clock.sleep(SESSION_CLEANUP_INTERVAL_SECONDS)

    def _oldest(self) -> str:
        return stored(self._clock.now() - timedelta(seconds=SESSION_IDLE_SECONDS))

    async def _touch(self, session_id: str) -> None:
        now = stored(self._clock.now())
        try:
            await self._database.write(
                lambda connection: (
                    connection.execute("UPDATE sessions SET last_used = ? WHERE id = ?", (now, session_id)).rowcount
                )
            )
        except TownError as error:
            # A full disk must not lock out the person who comes to make space.
            log.warning("the use of a session could not be noted: %s", error)


def _find(connection: sqlite3.Connection, claims: Claims) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT accounts.*, sessions.last_used FROM sessions JOIN accounts USING (username)"
        " WHERE sessions.id = ? AND sessions.username = ?",
        (claims.session_id, claims.username),
    ).fetchone()
    return row


def _drop_surplus(connection: sqlite3.Connection, username: str, most: int) -> None:
    connection.execute(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE username = ?"
        " ORDER BY last_used DESC, created_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (username, most),
    )

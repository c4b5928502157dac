"""The audit log: who did what, when, and how it ended.

Rows are bounded in number and size, because the disk is. What strangers cause (rejected requests, attempts to sign in)
has a bound of its own, so that a flood of it cannot push out what the people of the house have done.
"""

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townos.clock import Clock
from townos.database.engine import Database
from townos.database.timestamps import loaded, stored
from townos.errors import TownError
from townos.limits import (
    AUDIT_ANONYMOUS_ROWS_MAX,
    AUDIT_DETAIL_MAX_CHARS,
    AUDIT_ERROR_MAX_CHARS,
    AUDIT_NAME_MAX_CHARS,
    AUDIT_PAGE_DEFAULT_ROWS,
    AUDIT_PAGE_MAX_ROWS,
    AUDIT_PATH_MAX_CHARS,
    AUDIT_RECENT_SECONDS,
    AUDIT_ROWS_MAX,
    AUDIT_TRIM_EVERY_ROWS,
)

log: Final = logging.getLogger(__name__)

SORTABLE: Final = ("id", "account", "action", "path", "detail", "success", "error", "created_at")
SEARCHED: Final = ("account", "action", "path", "detail")
_CUT: Final = "…"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is to be written down. `account` is empty for strangers and sign-ins; secrets are already removed."""

    account: str
    action: str
    path: str
    detail: str
    success: bool
    error: str = ""


class AuditRow(msgspec.Struct, frozen=True):
    """An entry as it was written, and as it goes out."""

    id: int
    account: str
    action: str
    path: str
    detail: str
    success: bool
    error: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which rows, in which order. Only rows with an id below `before_id` come, unless it is 0."""

    before_id: int = 0
    offset: int = 0
    limit: int = 0
    account: str = ""
    sort_by: str = ""
    sort_order: str = ""
    search: str = ""

    @property
    def rows(self) -> int:
        """How many rows a page has."""
        return min(self.limit, AUDIT_PAGE_MAX_ROWS) if self.limit > 0 else AUDIT_PAGE_DEFAULT_ROWS


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A part of the log. `total` counts what matches account and search, whatever `before_id` is."""

    rows: tuple[AuditRow, ...]
    has_more: bool
    total: int


class AuditLog:
    """Writes and reads the log."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        rows_max: int = AUDIT_ROWS_MAX,
        anonymous_rows_max: int = AUDIT_ANONYMOUS_ROWS_MAX,
        trim_every_rows: int = AUDIT_TRIM_EVERY_ROWS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rows_max = rows_max
        self._anonymous_rows_max = anonymous_rows_max
        self._trim_every_rows = trim_every_rows
        self._untrimmed = trim_every_rows

    async def record(self, entry: AuditEntry) -> None:
        """Write an entry. Never raises for want of space or access: what was done is done, only logged instead."""
        values = (
            _cut(entry.account, AUDIT_NAME_MAX_CHARS),
            _cut(entry.action, AUDIT_NAME_MAX_CHARS),
            _cut(entry.path, AUDIT_PATH_MAX_CHARS),
            _cut(entry.detail, AUDIT_DETAIL_MAX_CHARS),
            entry.success,
            _cut(entry.error, AUDIT_ERROR_MAX_CHARS),
            stored(self._clock.now()),
        )
        try:
            await self._database.write(lambda connection: self._insert(connection, values))
        except (TownError, sqlite3.Error) as error:
            log.error("audit: %s %s was not recorded: %s", entry.account, entry.path, error)  # noqa: TRY400

    async def query(self, query: AuditQuery) -> AuditPage:
        """Return a page of the log."""
        return await self._database.read(lambda connection: _query(connection, query))

    async def latest(self, action: str) -> Mapping[str, AuditRow]:
        """Return the newest entry of an action for each path that has any."""
        return await self._database.read(lambda connection: _latest(connection, action))

    async def recent_errors(self) -> int:
        """Return how many entries of the last five minutes tell of a failure."""
        since = stored(self._clock.now() - timedelta(seconds=AUDIT_RECENT_SECONDS))
        return await self._database.read(lambda connection: _count_errors(connection, since))

    def _insert(self, connection: sqlite3.Connection, values: tuple[object, ...]) -> None:
        connection.execute(
            "INSERT INTO audit_log (account, action, path, detail, success, error, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        self._untrimmed += 1  # only ever touched by the one writing thread
        if self._untrimmed >= self._trim_every_rows:
            self._trim(connection)
            self._untrimmed = 0

    def _trim(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (self._rows_max,),
        )
        connection.execute(
            "DELETE FROM audit_log WHERE id IN"
            " (SELECT id FROM audit_log WHERE account = '' ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (self._anonymous_rows_max,),
        )


def _query(connection: sqlite3.Connection, query: AuditQuery) -> AuditPage:
    where, parameters = _matching(query)
    (total,) = connection.execute(f"SELECT count(*) FROM audit_log WHERE {where}", parameters).fetchone()  # noqa: S608
    if query.before_id > 0:
        where += " AND id < :before_id"
    parameters |= {"before_id": query.before_id, "offset": min(max(query.offset, 0), total)}
    rows = connection.execute(
        f"SELECT * FROM audit_log WHERE {where} ORDER BY {_order(query)} LIMIT :rows + 1 OFFSET :offset",  # noqa: S608
        {**parameters, "rows": query.rows},
    ).fetchall()
    return AuditPage(tuple(_row(row) for row in rows[: query.rows]), len(rows) > query.rows, total)


def _matching(query: AuditQuery) -> tuple[str, dict[str, object]]:
    conditions, parameters = ["1"], dict[str, object]()
    if query.account:
        conditions.append("account = :account")
        parameters["account"] = query.account
    if query.search:
        conditions.append("(" + " OR ".join(f"{column} LIKE :search ESCAPE '\\'" for column in SEARCHED) + ")")
        parameters["search"] = f"%{_like(query.search)}%"
    return " AND ".join(conditions), parameters


def _order(query: AuditQuery) -> str:
    column = query.sort_by if query.sort_by in SORTABLE else "id"
    direction = "ASC" if query.sort_order == "asc" else "DESC"
    return f"{column} {direction}, id {direction}"


def _like(text: str) -> str:
    """Return a LIKE pattern that matches the text itself."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _latest(connection: sqlite3.Connection, action: str) -> dict[str, AuditRow]:
    rows = connection.execute(
        "SELECT * FROM audit_log WHERE id IN (SELECT max(id) FROM audit_log WHERE action = ? GROUP BY path)", (action,)
    )
    return {row["path"]: _row(row) for row in rows}


def _count_errors(connection: sqlite3.Connection, since: str) -> int:
    (errors,) = connection.execute(
        "SELECT count(*) FROM audit_log WHERE created_at >= ? AND NOT success", (since,)
    ).fetchone()
    return int(errors)


def _row(row: sqlite3.Row) -> AuditRow:
    return AuditRow(
        id=row["id"],
        account=row["account"],
        action=row["action"],
        path=row["path"],
        detail=row["detail"],
        success=bool(row["success"]),
        error=row["error"],
        created_at=loaded(row["created_at"]),
    )


def _cut(text: str, max_chars: int) -> str:
    # Not every path or body is well-formed Unicode, and SQLite stores only what is.
    text = text.encode(errors="replace").decode()
    return text if len(text) <= max_chars else text[: max_chars - 1] + _CUT

"""The route of the audit log."""

from datetime import datetime
from typing import Self

import msgspec

from townos.api.call import Call
from townos.api.listing import Page
from townos.api.requests import Integer, Name, Request, Text
from townos.api.routing import Auth, Routes, post
from townos.audit import AuditLog, AuditQuery, AuditRow


class QueryAudit(Request):
    """Which entries: `before_id` pages by key, `offset` by position."""

    before_id: Integer = 0
    offset: Integer = 0
    limit: Integer = 0
    account: Name = ""
    sort_by: Text = ""
    sort_order: Text = ""
    search: Text = ""


class AuditObject(msgspec.Struct, frozen=True):
    """An entry as it goes out."""

    id: int
    account: str
    action: str
    path: str
    detail: str
    success: bool
    error: str
    created_at: datetime

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        """Return the object of a row."""
        return cls(
            id=row.id,
            account=row.account,
            action=row.action,
            path=row.path,
            detail=row.detail,
            success=row.success,
            error=row.error,
            created_at=row.created_at,
        )


def routes(audit: AuditLog) -> Routes:
    """Return the routes of this area."""

    async def query(_: Call, body: QueryAudit) -> Page[AuditObject]:
        wanted = AuditQuery(
            before_id=body.before_id,
            offset=body.offset,
            limit=body.limit,
            account=body.account,
            sort_by=body.sort_by,
            sort_order=body.sort_order,
            search=body.search,
        )
        found = await audit.query(wanted)
        return Page(
            entries=[AuditObject.of(row) for row in found.rows],
            has_more=found.has_more,
            total_pages=max(1, -(-found.total // wanted.rows)),
            total_count=found.total,
        )

    return (post("/audit/log", query, Auth.ADMIN, audit=None),)

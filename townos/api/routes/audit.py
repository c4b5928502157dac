"""The route of the audit log."""

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, post
from townos.api.wire.listing import Page, envelope
from townos.api.wire.requests import Integer, Name, Request, Text
from townos.audit.log import AuditLog, AuditQuery, AuditRow


class QueryAudit(Request):
    """Which entries: `before_id` pages by key, `offset` by position."""

    before_id: Integer = 0
    offset: Integer = 0
    limit: Integer = 0
    account: Name = ""
    sort_by: Text = ""
    sort_order: Text = ""
    search: Text = ""


def routes(audit: AuditLog) -> Routes:
    """Return the routes of this area."""

    async def query(_: Call, body: QueryAudit) -> Page[AuditRow]:
        wanted = msgspec.convert(body, AuditQuery, from_attributes=True)
        found = await audit.query(wanted)
        return envelope(found.rows, total=found.total, limit=wanted.rows, has_more=found.has_more)

    return (post("/audit/log", query, Auth.ADMIN, audit=None),)

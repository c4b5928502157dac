"""The audit log: what is written, how it is found again, and that it never grows without bound."""

import sqlite3
from dataclasses import replace

import pytest

from townos.audit.log import AuditEntry, AuditLog, AuditQuery
from townos.errors import NoSpace
from townos.limits import AUDIT_DETAIL_MAX_CHARS
from townos.testing.appliance import TestAppliance

ENTRY = AuditEntry("ada", "add repository", "/repository/add", '{"name":"x"}', success=True)


async def fill(audit: AuditLog, *entries: AuditEntry) -> None:
    for entry in entries:
        await audit.record(entry)


async def ids(audit: AuditLog, **query: object) -> list[int]:
    page = await audit.query(AuditQuery(**query))  # type: ignore[arg-type]
    return [row.id for row in page.rows]


@pytest.mark.conformance("AUD-01")
async def test_an_entry_is_read_as_it_was_written(appliance: TestAppliance) -> None:
    await fill(appliance.audit, replace(ENTRY, success=False, error="no such host"))
    [row] = (await appliance.audit.query(AuditQuery())).rows
    assert (row.id, row.account, row.action, row.path) == (1, "ada", "add repository", "/repository/add")
    assert (row.detail, row.success, row.error) == ('{"name":"x"}', False, "no such host")
    assert row.created_at == appliance.host.clock.now()


async def test_the_newest_come_first_and_fifty_at_a_time(appliance: TestAppliance) -> None:
    await fill(appliance.audit, *[ENTRY] * 60)
    page = await appliance.audit.query(AuditQuery())
    assert [row.id for row in page.rows] == list(range(60, 10, -1))
    assert (page.has_more, page.total) == (True, 60)


@pytest.mark.parametrize(("limit", "rows"), [(0, 50), (-5, 50), (1, 1), (200, 200), (201, 200), (2**62, 200)])
def test_a_page_has_fifty_rows_unless_asked_and_two_hundred_at_most(limit: int, rows: int) -> None:
    assert AuditQuery(limit=limit).rows == rows


@pytest.mark.conformance("AUD-05")
async def test_paging_by_key_meets_every_row_once_while_new_ones_arrive(appliance: TestAppliance) -> None:
    await fill(appliance.audit, *[ENTRY] * 25)
    seen: list[int] = []
    before = 0
    while True:
        page = await appliance.audit.query(AuditQuery(before_id=before, limit=10))
        assert page.total >= 25
        seen += [row.id for row in page.rows]
        before = page.rows[-1].id
        await fill(appliance.audit, ENTRY)
        if not page.has_more:
            break
    assert seen == list(range(25, 0, -1))


@pytest.mark.conformance("AUD-05")
async def test_paging_by_offset_ends_where_the_log_ends(appliance: TestAppliance) -> None:
    await fill(appliance.audit, *[ENTRY] * 5)
    assert await ids(appliance.audit, offset=3) == [2, 1]
    assert await ids(appliance.audit, offset=-3, limit=2) == [5, 4]
    for offset in (5, 6, 2**63 - 1):
        page = await appliance.audit.query(AuditQuery(offset=offset))
        assert (page.rows, page.has_more, page.total) == ((), False, 5)


@pytest.mark.conformance("AUD-05")
async def test_the_entries_of_an_account_are_found_by_its_exact_name(appliance: TestAppliance) -> None:
    await fill(appliance.audit, ENTRY, replace(ENTRY, account="Ada"), replace(ENTRY, account="ada2"))
    assert await ids(appliance.audit, account="ada") == [1]
    assert await ids(appliance.audit, account="ad%") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ADD repo", [5, 4, 3, 2, 1]),
        ("100%", [2]),
        ("a_b", [3]),
        ("back\\slash", [4]),
        ("%", [2]),
        ("_", [3]),
        ("eve", [5]),
        ("secret error", []),
        ("' OR 1 --", []),
    ],
)
@pytest.mark.conformance("AUD-05")
async def test_a_search_is_for_the_text_itself(appliance: TestAppliance, search: str, found: list[int]) -> None:
    await fill(
        appliance.audit,
        replace(ENTRY, error="secret error"),
        replace(ENTRY, detail="100%"),
        replace(ENTRY, detail="a_b"),
        replace(ENTRY, path="/back\\slash"),
        replace(ENTRY, account="eve"),
    )
    assert await ids(appliance.audit, search=search) == found
    assert (await appliance.audit.query(AuditQuery(search=search))).total == len(found)


@pytest.mark.parametrize(
    ("sort_by", "sort_order", "order"),
    [
        ("", "", [3, 2, 1]),
        ("id", "asc", [1, 2, 3]),
        ("account", "asc", [2, 1, 3]),
        ("account", "", [3, 1, 2]),
        ("success", "asc", [3, 1, 2]),
        ("created_at", "desc", [3, 2, 1]),
        ("id; DROP TABLE audit_log", "", [3, 2, 1]),
        ("rowid", "asc", [1, 2, 3]),
    ],
)
@pytest.mark.conformance("AUD-05")
async def test_rows_are_sorted_by_known_columns_only(
    appliance: TestAppliance, sort_by: str, sort_order: str, order: list[int]
) -> None:
    await fill(
        appliance.audit,
        replace(ENTRY, account="b"),
        replace(ENTRY, account="a"),
        replace(ENTRY, account="c", success=False),
    )
    assert await ids(appliance.audit, sort_by=sort_by, sort_order=sort_order) == order


async def test_the_total_depends_on_the_search_and_not_on_the_page(appliance: TestAppliance) -> None:
    await fill(appliance.audit, *[ENTRY] * 3, *[replace(ENTRY, account="bob")] * 2)
    page = await appliance.audit.query(AuditQuery(before_id=3, account="ada"))
    assert ([row.id for row in page.rows], page.total) == ([2, 1], 3)


async def test_errors_of_the_last_five_minutes_are_counted(appliance: TestAppliance) -> None:
    failed = replace(ENTRY, success=False)
    await fill(appliance.audit, failed)
    appliance.host.clock.advance(1)
    await fill(appliance.audit, failed, ENTRY)
    appliance.host.clock.advance(299)
    assert await appliance.audit.recent_errors() == 2
    appliance.host.clock.advance(1)
    assert await appliance.audit.recent_errors() == 1


async def test_the_oldest_rows_go_when_there_are_too_many(appliance: TestAppliance) -> None:
    audit = AuditLog(appliance.database, appliance.host.clock, rows_max=10, trim_every_rows=5)
    await fill(audit, *[ENTRY] * 100)
    kept = await ids(audit, limit=200)
    assert kept[0] == 100
    assert 10 <= len(kept) < 15
    assert kept == list(range(100, 100 - len(kept), -1))


async def test_entries_of_strangers_do_not_displace_entries_of_accounts(appliance: TestAppliance) -> None:
    audit = AuditLog(appliance.database, appliance.host.clock, rows_max=20, anonymous_rows_max=5, trim_every_rows=1)
    await fill(audit, ENTRY, *[replace(ENTRY, account="")] * 100)
    assert 1 in await ids(audit, limit=200)
    assert (await audit.query(AuditQuery())).total == 6


async def test_ids_are_never_used_again(appliance: TestAppliance) -> None:
    await fill(appliance.audit, ENTRY)
    await appliance.database.write(lambda connection: connection.execute("DELETE FROM audit_log").rowcount)
    await fill(appliance.audit, ENTRY)
    assert await ids(appliance.audit) == [2]


async def test_long_texts_are_cut_and_broken_ones_mended(appliance: TestAppliance) -> None:
    await fill(appliance.audit, replace(ENTRY, detail="x" * (AUDIT_DETAIL_MAX_CHARS + 1), path="/\udc80"))
    [row] = (await appliance.audit.query(AuditQuery())).rows
    assert row.detail == "x" * (AUDIT_DETAIL_MAX_CHARS - 1) + "…"
    assert row.path == "/?"


@pytest.mark.parametrize("error", [NoSpace("database.full"), sqlite3.OperationalError("disk I/O error")])
async def test_a_log_that_cannot_be_written_fails_nothing(
    appliance: TestAppliance, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        """A database that takes nothing."""

        async def write(self, work: object) -> None:
            raise error

    await AuditLog(Broken(), appliance.host.clock).record(ENTRY)  # type: ignore[arg-type]
    assert "/repository/add was not recorded" in caplog.text

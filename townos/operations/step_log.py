"""The step log on SQLite: one row for an operation, rewritten at each change that must survive a crash."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from townos.database.engine import Database
from townos.encoding import encode_json
from townos.i18n import Term, term_data, term_from
from townos.limits import OPERATION_ATTEMPTS_MAX, OPERATION_HISTORY_MAX
from townos.operations.crash import CrashPoint
from townos.operations.job import Direction, Job
from townos.operations.kinds import Plan, encoded_plan
from townos.operations.model import Operation, OperationState, StepStatus
from townos.operations.subject import Subject

UNFINISHED: Final = (OperationState.QUEUED, OperationState.RUNNING)

_SAVE: Final = """
INSERT INTO operations (
    id, kind, repo, name, version, state, direction, outcome, step, steps, plan, error, error_detail, attempts,
    started_at, ended_at, sequence
) VALUES (
    :id, :kind, :repo, :name, :version, :state, :direction, :outcome, :step, :steps, :plan, :error, :error_detail,
    :attempts, :started_at, :ended_at, :sequence
)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, direction = excluded.direction, outcome = excluded.outcome, step = excluded.step,
    steps = excluded.steps, plan = excluded.plan, error = excluded.error,
    error_detail = excluded.error_detail, attempts = excluded.attempts,
    ended_at = excluded.ended_at, sequence = excluded.sequence
"""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A row that goes on at this start."""

    operation: Operation
    direction: Direction
    outcome: OperationState
    plan: Plan
    attempts: int


class StepLog:
    """Rows of the table `operations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, sequence: int) -> None:
        """Store a new operation; a failed one of the same subject will not be tried again; old history goes."""
        row = {**_row(job), "sequence": sequence}

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE operations SET plan = NULL WHERE repo = :repo AND name = :name AND state = 'failed'", row
            )
            connection.execute(_SAVE, row)
            connection.execute(
                "DELETE FROM operations WHERE state NOT IN (?, ?) AND number NOT IN"
                " (SELECT number FROM operations ORDER BY number DESC LIMIT ?)",
                (*UNFINISHED, OPERATION_HISTORY_MAX),
            )

        await self._database.write(work)

    async def save(self, job: Job) -> None:
        """Store the operation as it stands now."""
        row = _row(job)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_SAVE, row)

        await self._database.write(work)

    async def give_up(self, identifier: str, error: Term, ended_at: datetime, sequence: int) -> None:
        """End an operation that nothing can be done about; it will not be tried again."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE operations SET state = 'failed', plan = NULL, error = ?, error_detail = ?,"
                " ended_at = ?, sequence = ? WHERE id = ?",
                (str(error), _detail(error), ended_at.isoformat(), sequence, identifier),
            )

        await self._database.write(work)

    async def known(self, identifier: str) -> bool:
        """Tell whether an operation had this id."""
        return await self.find(identifier) is not None

    async def find(self, identifier: str) -> Operation | None:
        """Return one operation as last recorded."""
        rows = await self._select("WHERE id = ?", identifier)
        return _operation(rows[0]) if rows else None

    async def history(self) -> list[Operation]:
        """Return all operations, newest first."""
        return [_operation(row) for row in await self._select("ORDER BY number DESC")]

    async def changed_after(self, sequence: int) -> list[Operation]:
        """Return the operations whose last recorded change is later, in the order of those changes."""
        return [_operation(row) for row in await self._select("WHERE sequence > ? ORDER BY sequence", sequence)]

    async def last_sequence(self) -> int:
        """Return the highest recorded sequence; 0 for an empty table."""

        def work(connection: sqlite3.Connection) -> int:
            (last,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM operations").fetchone()
            return int(last)

        return await self._database.read(work)

    async def unfinished(self) -> list[Unfinished]:
        """Return what a crash or a restart interrupted and what failed and may be tried again, oldest first."""
        rows = await self._select(
            "WHERE plan IS NOT NULL AND (state IN (?, ?) OR (state = 'failed' AND attempts < ?)) ORDER BY number",
            *UNFINISHED,
            OPERATION_ATTEMPTS_MAX,
        )
        return [
            Unfinished(
                _operation(row),
                Direction(row["direction"]),
                OperationState(row["outcome"]),
                msgspec.json.decode(row["plan"]),
                row["attempts"],
            )
            for row in rows
        ]

    async def crashed(self, point: CrashPoint) -> bool:
        """Tell whether the process has died at this point before."""

        def work(connection: sqlite3.Connection) -> bool:
            found = connection.execute("SELECT 1 FROM operations WHERE instr(crash, ?)", (f"{point},",))
            return found.fetchone() is not None

        return await self._database.read(work)

    async def mark_crash(self, identifier: str, point: CrashPoint) -> None:
        """Remember that the process dies here, so that the next one does not."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE operations SET crash = crash || ? WHERE id = ?", (f"{point},", identifier))

        await self._database.write(work)

    async def _select(self, condition: str, *values: object) -> list[sqlite3.Row]:
        def work(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            return connection.execute(f"SELECT * FROM operations {condition}", values).fetchall()  # noqa: S608

        return await self._database.read(work)


def _row(job: Job) -> Mapping[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind.name,
        "repo": job.subject.repo,
        "name": job.subject.name,
        "version": job.subject.version,
        "state": job.state.value,
        "direction": job.direction.value,
        "outcome": job.outcome.value,
        "step": job.step,
        "steps": msgspec.json.encode(job.statuses),
        "plan": None if job.plan is None else encoded_plan(job.plan),
        "error": str(job.error or ""),
        "error_detail": _detail(job.error),
        "attempts": job.attempts,
        "started_at": job.started_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
        "sequence": job.sequence,
    }


def _detail(error: Term | None) -> bytes | None:
    return None if error is None else encode_json(term_data(error))


def _error(row: sqlite3.Row) -> Term | None:
    """Return the error of a row; an older version stored its text alone."""
    if row["error_detail"] is not None:
        return term_from(msgspec.json.decode(row["error_detail"]))
    return Term.plain(row["error"]) if row["error"] else None


def _operation(row: sqlite3.Row) -> Operation:
    return Operation(
        id=row["id"],
        kind=row["kind"],
        subject=Subject(row["repo"], row["name"], row["version"]),
        state=OperationState(row["state"]),
        step=row["step"],
        steps=msgspec.json.decode(row["steps"], type=tuple[StepStatus, ...]),
        error=_error(row),
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
        sequence=row["sequence"],
    )

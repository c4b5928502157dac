"""The table of operations, as a migration script."""

from typing import Final

OPERATIONS_SQL: Final = """
CREATE TABLE operations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    repo TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    direction TEXT NOT NULL,
    outcome TEXT NOT NULL,
    step TEXT NOT NULL,
    steps BLOB NOT NULL,
    plan BLOB,
    error TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    crash TEXT NOT NULL DEFAULT '',
    started_at TEXT NOT NULL,
    ended_at TEXT,
    sequence INTEGER NOT NULL
);
CREATE INDEX operations_by_sequence ON operations (sequence);
CREATE INDEX operations_by_package ON operations (repo, name);
"""

"""The schema's history. A script that has shipped is never edited; a change is a new number."""

from typing import Final

from townos.database.engine import Migration

MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(
        1,
        """
        CREATE TABLE accounts (
            username TEXT PRIMARY KEY,
            password_hash TEXT NOT NULL,
            email TEXT NOT NULL,
            phone TEXT NOT NULL,
            real_name TEXT NOT NULL,
            admin INTEGER NOT NULL DEFAULT 0,
            disabled INTEGER NOT NULL DEFAULT 0,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        );
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            username TEXT NOT NULL REFERENCES accounts (username) ON DELETE CASCADE,
            created_at TEXT NOT NULL,
            last_used TEXT NOT NULL
        );
        CREATE INDEX sessions_by_username ON sessions (username);
        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            action TEXT NOT NULL,
            path TEXT NOT NULL,
            detail TEXT NOT NULL,
            success INTEGER NOT NULL,
            error TEXT NOT NULL,
            created_at TEXT NOT NULL
        );
        CREATE INDEX audit_log_by_time ON audit_log (created_at);
        CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        );
        """,
    ),
    Migration(
        2,
        """
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
        """,
    ),
    Migration(3, "ALTER TABLE operations ADD COLUMN error_detail BLOB;"),
)

"""What a person may change at run time: texts by key, kept in SQLite and in memory, so that reading one costs nothing.

Keys that the program reads have a rule: what they accept, and how it is stored. Other keys are kept as they are.
"""

import logging
import sqlite3
from collections.abc import Mapping
from typing import Final, Self

import trio

from townos.database.engine import Database
from townos.errors import FieldError, Invalid, Malformed, NotFound
from townos.limits import SETTINGS_MAX_ROWS
from townos.quantities import parse_bytes, parse_duration
from townos.settings.rules import BYTE_KEYS, DEFAULTS, RULES, split_hosts

log: Final = logging.getLogger(__name__)


class Settings:
    """All settings. This process is the only writer, so the copy in memory is always right."""

    def __init__(self, database: Database, values: Mapping[str, str]) -> None:
        self._database = database
        self._values = dict(values)
        self._writing = trio.Lock()

    @classmethod
    async def open(cls, database: Database) -> Self:
        """Put defaults where nothing is stored, and read everything."""

        def work(connection: sqlite3.Connection) -> dict[str, str]:
            connection.executemany("INSERT OR IGNORE INTO settings (key, value) VALUES (?, ?)", DEFAULTS.items())
            return {row["key"]: row["value"] for row in connection.execute("SELECT key, value FROM settings")}

        return cls(database, await database.write(work))

    async def all(self) -> dict[str, str]:
        """Return everything that is stored, in the order of the keys."""
        return dict(sorted(self._values.items()))

    async def get(self, key: str) -> str:
        """Return one value. Raises `NotFound`."""
        if key not in self._values:
            raise NotFound("settings.not_found", key)
        return self._values[key]

    async def set(self, key: str, value: str) -> None:
        """Check and store a value; it counts at once. Raises `Malformed` and `Invalid`, naming what is accepted."""
        if not key:
            raise Malformed.at("key", "settings.key_required")
        value = self._checked(key, value)
        async with self._writing:
            if key not in self._values and len(self._values) >= SETTINGS_MAX_ROWS:
                raise Invalid("settings.too_many", SETTINGS_MAX_ROWS)
            await self._database.write(
                lambda connection: (
                    connection.execute(
                        "INSERT INTO settings (key, value) VALUES (?, ?)"
                        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        (key, value),
                    ).rowcount
                )
            )
            self._values[key] = value

    async def bytes(self, key: str) -> int:
        """Return a byte setting as a number."""
        return parse_bytes(self._known(key))

    async def seconds(self, key: str) -> int:
        """Return a duration setting in seconds."""
        return parse_duration(self._known(key))

    async def integer(self, key: str) -> int:
        """Return a numeric setting."""
        return int(self._known(key))

    @property
    def locale(self) -> str:
        """The locale of the whole system, as it was chosen, even if it has no translation."""
        return self._known("locale")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names under which, besides its own, this machine may be addressed; in lower case."""
        return frozenset(split_hosts(self._known("allowed_hosts")))

    @property
    def vm_accelerator(self) -> str:
        """What runs the processors of virtual machines: `auto`, `kvm` or `tcg`."""
        return self._known("vm_accelerator")

    def _checked(self, key: str, value: str) -> str:
        rule = RULES.get(key)
        if rule is None:
            return value
        try:
            return rule(value)
        except Invalid as error:
            if key in BYTE_KEYS:
                reason = FieldError("value", "settings.invalid_bytes", (key, error.term))
                raise Malformed(reason.code, *reason.params, fields=[reason]) from error
            reason = FieldError("value", "settings.invalid", (key, error.term))
            raise Invalid(reason.code, *reason.params, fields=[reason]) from error

    def _known(self, key: str) -> str:
        """Return the value of a key with a rule: the default if another program has stored something unusable."""
        try:
            return RULES[key](self._values[key])
        except Invalid as error:
            log.warning("setting %s is unusable, its default counts: %s", key, error)
            return DEFAULTS[key]

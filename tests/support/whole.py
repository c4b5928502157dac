"""All routes of the program behind one app, on a real database and files, with fakes only where the machine begins."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from tests.support.http import House
from tests.support.manifests import CountingLoader, Manifest, numeric_version
from townos.api import accounts, audit, locales, operations, repositories, settings, status, storage, timezones
from townos.api.routing import Routes
from townos.operations import Operations
from townos.repositories.catalogue import Catalogue
from townos.repositories.service import Repositories
from townos.storage.user_volumes import UserVolumes
from townos.testing.git import FakeGitClient
from townos.testing.operations import Script
from townos.testing.rooms import Rooms, open_rooms
from townos.testing.volumes import FakeVolumes

CORE = "https://git.example/core"


@dataclass(frozen=True, slots=True)
class Whole:
    """The app, and what its requests could change."""

    house: House
    rooms: Rooms
    volumes: FakeVolumes
    git: FakeGitClient
    directory: Path

    async def state(self) -> dict[str, Any]:
        """Return all that lasts, but for the audit log."""
        files = sorted(path for path in self.directory.rglob("*") if path.is_file())
        return {
            "tables": await self.rooms.database.read(_tables),
            "volumes": dict(self.volumes.quotas),
            "files": {str(path): path.read_bytes() for path in files},
            "git": len(self.git.calls),
        }


@asynccontextmanager
async def whole(directory: Path) -> AsyncIterator[Whole]:
    """Open all rooms below `directory`."""
    git, volumes = FakeGitClient(), FakeVolumes()
    git.remotes[CORE] = {"packages/nginx/1.0.yaml": b"image: nginx"}
    checkouts = directory / "repos"
    async with open_rooms(directory / "system.db") as rooms, trio.open_nursery() as nursery:
        running = Operations(rooms.database, rooms.clock)
        running.register(Script("pull", "start").kind)
        await nursery.start(running.serve)
        catalogue: Catalogue[Manifest] = Catalogue(checkouts, git, CountingLoader(), numeric_version)
        sources = Repositories(checkouts, git=git, catalogue=catalogue, clock=rooms.clock, seeds=())
        await sources.open()
        await sources.add("core", CORE, "", "")
        await volumes.ensure_roots()
        routes = (
            *_of_rooms(rooms),
            *operations.routes(running),
            *repositories.routes(sources),
            *storage.routes(UserVolumes(volumes)),
        )
        yield Whole(House(routes), rooms, volumes, git, checkouts)
        nursery.cancel_scope.cancel()


MODULES = (accounts, audit, locales, operations, repositories, settings, status, storage, timezones)
"""The modules whose routes are here."""


def _of_rooms(rooms: Rooms) -> Routes:
    return rooms._routes()


def _tables(connection: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = sorted(set(names) - {"audit_log", "sqlite_sequence"})
    return {name: [tuple(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in kept}

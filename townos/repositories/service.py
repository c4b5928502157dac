"""The package repositories of this appliance: add, remove, order, refresh."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import trio

from townos.clock import Clock
from townos.concurrency import always, on_failure, open_nursery, shielded
from townos.database.timestamps import loaded, stored
from townos.errors import Conflict, FieldError, Invalid, NotFound, TownError, at_field
from townos.git import GitClient, GitUrl
from townos.git.url import Credentials
from townos.i18n import Term, joined
from townos.limits import (
    CLEANUP_TIMEOUT_SECONDS,
    REPOSITORY_CHANGE_TIMEOUT_SECONDS,
    REPOSITORY_PROBLEMS_SHOWN,
    REPOSITORY_REFRESH_SECONDS,
    REPOSITORY_REFRESHES_AT_ONCE,
)
from townos.names import RepositoryName
from townos.posix.files import replace_file
from townos.repositories.catalogue import Catalogue
from townos.repositories.checkouts import Checkouts, Incoming
from townos.repositories.file import RepositoriesFile
from townos.repositories.repository import Repository, RepositoryInfo
from townos.repositories.turns import Turns

log: Final = logging.getLogger(__name__)

LAST_REFRESHED: Final = "last_refreshed"


class Repositories:
    """The configured repositories in order of priority: the first one is the most important.

    `open` reads the list and indexes the checkouts that are there, without the network; `serve` keeps them fresh. The
    list is in memory and as on disk. Everything may be called at the same time.
    """

    def __init__(
        self,
        base: Path,
        *,
        git: GitClient,
        catalogue: Catalogue,
        clock: Clock,
        seeds: Sequence[Repository],
        default_credentials: Credentials | None = None,
    ) -> None:
        self._base = base
        self._clock = clock
        self._seeds = tuple(seeds)
        self._default_credentials = default_credentials
        self._catalogue = catalogue
        self._file = RepositoriesFile(base)
        self._checkouts = Checkouts(base, git)
        self._entries: tuple[Repository, ...] = ()
        self._errors: dict[str, Sequence[TownError]] = {}
        self._turns: dict[str, Turns] = {}
        self._at_once = trio.CapacityLimiter(REPOSITORY_REFRESHES_AT_ONCE)
        self._wanted = trio.Event()
        self._changing = trio.Lock()

    async def open(self) -> None:
        """Read or seed the list, sweep what a crash left, and index the checkouts. Raises `Internal`, `Unavailable`."""
        await self._checkouts.sweep()
        self._adopt(await self._file.load(self._seeds))
        async with open_nursery() as nursery:
            for entry in self._entries:
                nursery.start_soon(self._index, entry)

    def list(self) -> tuple[Repository, ...]:
        """Return the configured repositories, most important first."""
        return self._entries

    def infos(self) -> Sequence[RepositoryInfo]:
        """Return what people may see of each repository, with the errors of its last refresh and what it left out."""
        return [
            RepositoryInfo(entry.name, entry.url, entry.username, self._shown_error(entry.name))
            for entry in self._entries
        ]

    def errors(self) -> dict[str, Term]:
        """Return the error of each repository whose last refresh failed, by name."""
        refreshes = {entry.name: self._errors.get(entry.name, ()) for entry in self._entries}
        return {name: joined([error.term for error in errors]) for name, errors in refreshes.items() if errors}

    def _shown_error(self, name: str) -> Term | None:
        problems = self._catalogue.problems(name)
        terms = [error.term for error in self._errors.get(name, ())]
        terms += [problem.term for problem in problems[:REPOSITORY_PROBLEMS_SHOWN]]
        if len(problems) > REPOSITORY_PROBLEMS_SHOWN:
            terms.append(Term("repository.more_problems", (len(problems) - REPOSITORY_PROBLEMS_SHOWN,)))
        return joined(terms) if terms else None

    async def add(
        self, name: str, url: str, username: str = "", password: str = "", *, by_admin: bool = False
    ) -> RepositoryName:
        """Clone a repository, then add it with the lowest priority, and ask for a refresh of all.

        Without credentials, those in the URL serve, else those of the system, which only an administrator can have
        sent to a host; an empty name is the last part of the URL's path. Raises `Invalid`, `Conflict` for a name that
        is taken, `GitFailed`; then nothing has changed.
        """
        address = self._address(url, username, password, by_admin=by_admin)
        checked = at_field("name", RepositoryName.parse, name or address.last_segment())
        self._refuse_duplicate(self._entries, checked)
        incoming = await self._checkouts.prepare(checked, address)
        discarded = always(incoming.discard, CLEANUP_TIMEOUT_SECONDS, "deleting a staged clone")
        async with discarded, self._turn(checked).lock, self._changing:
            await self._add(Repository.of(checked, address, by_admin=by_admin), checked, incoming)
        self._wanted.set()
        return checked

    async def _add(self, entry: Repository, name: RepositoryName, incoming: Incoming) -> None:
        """Put the clone in place and then the entry into the file: never an entry without its checkout."""
        self._refuse_duplicate(self._entries, name)
        with shielded(REPOSITORY_CHANGE_TIMEOUT_SECONDS, "adding a repository"):
            await incoming.put_in_place()
            remove = partial(self._checkouts.remove, name)
            async with on_failure(remove, CLEANUP_TIMEOUT_SECONDS, "removing a checkout"):
                entries = await self._file.update(lambda known: self._with(known, entry))
            self._errors.pop(name, None)
            self._adopt(entries)
            await self._catalogue.refresh(name)

    def _with(self, known: Sequence[Repository], entry: Repository) -> Sequence[Repository]:
        self._refuse_duplicate(known, entry.name)
        return [*known, entry]

    async def remove(self, name: str) -> None:
        """Forget a repository, delete its checkout and ask for a refresh of the others.

        What is installed from it goes on working: an installed manifest is a hard link of its own, and answers, units
        and volumes lie elsewhere. The checkout goes because whoever adds a repository of the same name later means
        the new address, and because nobody would find the disk space again. Raises `NotFound`.
        """
        self._entry(name)
        turn = self._turn(name)
        turn.interrupt()
        async with turn.lock, self._changing:
            with shielded(REPOSITORY_CHANGE_TIMEOUT_SECONDS, "removing a repository"):
                self._adopt(await self._file.update(lambda known: _without(known, name)))
                self._errors.pop(name, None)
                await self._delete_checkout(name)
        self._wanted.set()

    async def _delete_checkout(self, name: str) -> None:
        try:
            checked = RepositoryName.parse(name)
        except Invalid:  # an entry that somebody wrote by hand never had a checkout
            return
        await self._checkouts.remove(checked)

    async def move(self, name: str, position: int) -> None:
        """Give a repository another place, 0 being the most important; too high means last. Raises `NotFound`."""
        self._entry(name)
        async with self._changing:
            with shielded(REPOSITORY_CHANGE_TIMEOUT_SECONDS, "moving a repository"):
                self._adopt(await self._file.update(lambda known: _moved(known, name, position)))

    async def refresh_all(self) -> dict[str, Term]:
        """Bring all repositories up to date side by side and return the error of each that failed, by name."""
        async with open_nursery() as nursery:
            for entry in self._entries:
                nursery.start_soon(self.refresh, entry.name)
        moment = f"{stored(self._clock.now())}\n".encode()
        await trio.to_thread.run_sync(replace_file, self._base / LAST_REFRESHED, moment)
        return self.errors()

    async def refresh(self, name: str) -> None:
        """Bring one repository up to date; its errors are kept for `infos`. A name that is gone does nothing."""
        await self._turn(name).run(lambda: self._refresh(name))

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Refresh every 5 minutes, and when something was added or removed."""
        task_status.started()
        while True:
            await self._pause(await self._seconds_until_due())
            self._wanted = trio.Event()
            await self.refresh_all()

    async def _refresh(self, name: str) -> None:
        entry = next((entry for entry in self._entries if entry.name == name), None)
        if entry is None:
            return
        async with self._at_once:
            self._errors[name] = await self._updated(entry)
        for error in self._errors[name]:
            log.warning("repository %s: %s", name, error)

    async def _updated(self, entry: Repository) -> Sequence[TownError]:
        try:
            name, url = entry.checked()
            errors = await self._checkouts.refresh(name, url)
            await self._catalogue.refresh(name)
        except TownError as error:
            return [error]
        return errors

    async def _index(self, entry: Repository) -> None:
        try:
            name, _ = entry.checked()
            await self._catalogue.refresh(name)
        except TownError as error:
            self._errors[entry.name] = [error]

    async def _seconds_until_due(self) -> float:
        """Return how long the last refresh is good for; 0 if a checkout is missing or nobody knows."""
        names = [name for name in map(_name_of, self._entries) if name is not None]
        for name in names:
            if not await self._checkouts.exists(name) and not self._errors.get(name):
                return 0
        last = await trio.to_thread.run_sync(_last_refreshed, self._base / LAST_REFRESHED)
        age = (self._clock.now() - last).total_seconds() if last is not None else -1
        return REPOSITORY_REFRESH_SECONDS - age if 0 <= age < REPOSITORY_REFRESH_SECONDS else 0

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until a refresh is wanted."""
        if seconds <= 0:
            await trio.lowlevel.checkpoint()
            return
        async with open_nursery() as nursery:

            async def sleep() -> None:
                await self._clock.sleep(seconds)
                nursery.cancel_scope.cancel()

            nursery.start_soon(sleep)
            await self._wanted.wait()
            nursery.cancel_scope.cancel()

    def _address(self, url: str, username: str, password: str, *, by_admin: bool) -> GitUrl:
        address = at_field("url", GitUrl.parse, url)
        if not by_admin:
            address = address.without_own_keys()
        if bool(username) != bool(password):
            missing = "password" if username else "username"
            error = FieldError(missing, "repository.both_credentials")
            raise Invalid("repository.both_credentials", fields=[error])
        if username:
            return address.with_credentials(username, password)
        default = self._default_credentials
        if address.username or address.password or default is None or not by_admin:
            return address
        return address.with_credentials(default.username, default.password)

    def _entry(self, name: str) -> Repository:
        return _find(self._entries, name)

    def _turn(self, name: str) -> Turns:
        return self._turns.setdefault(name, Turns())

    def _adopt(self, entries: Sequence[Repository]) -> None:
        self._entries = tuple(entries)
        names = {entry.name for entry in entries}
        self._turns = {name: turn for name, turn in self._turns.items() if name in names or turn.lock.locked()}
        self._catalogue.arrange([name for name in map(_name_of, entries) if name is not None])

    @staticmethod
    def _refuse_duplicate(known: Sequence[Repository], name: str) -> None:
        if any(entry.name == name for entry in known):
            raise Conflict("repository.exists", name)


def _name_of(entry: Repository) -> RepositoryName | None:
    try:
        return RepositoryName.parse(entry.name)
    except Invalid:
        return None


def _find(known: Sequence[Repository], name: str) -> Repository:
    for entry in known:
        if entry.name == name:
            return entry
    raise NotFound("repository.not_found", name)


def _without(known: Sequence[Repository], name: str) -> list[Repository]:
    gone = _find(known, name)
    return [entry for entry in known if entry is not gone]


def _moved(known: Sequence[Repository], name: str, position: int) -> list[Repository]:
    entry = _find(known, name)
    others = [other for other in known if other is not entry]
    others.insert(max(0, position), entry)
    return others


def _last_refreshed(path: Path) -> datetime | None:
    try:
        moment = loaded(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None

"""Accounts, sessions, settings, audit log and status behind the real HTTP interface, on a clock that tests move.

Only passwords are quick, and what other rooms tell the status is made up.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from townos.accounts.accounts import Account, Accounts, NewAccount
from townos.accounts.sessions import Sessions
from townos.accounts.signin import SignIn
from townos.accounts.throttle import LoginThrottle
from townos.accounts.tokens import TokenSigner
from townos.api.app import TownApp, create_app
from townos.api.dispatch import Ports
from townos.api.origins import Origins
from townos.api.routes import accounts as account_routes
from townos.api.routes import audit as audit_routes
from townos.api.routes import locales as locale_routes
from townos.api.routes import settings as setting_routes
from townos.api.routes import status as status_routes
from townos.api.routes import timezones as timezone_routes
from townos.api.routing import Routes
from townos.audit.log import AuditLog
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.settings.settings import Settings
from townos.status.addresses import ExternalAddress
from townos.status.report import Status
from townos.testing.accounts import QuickHasher
from townos.testing.clock import FakeClock
from townos.testing.status import FakeStatusSources

PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as a JSON value."""
        return msgspec.json.decode(self.body)

    @property
    def detail(self) -> str:
        """The sentence of a problem."""
        return str(self.json["detail"])


@dataclass(slots=True)
class Rooms:
    """The rooms, and the HTTP interface in front of them."""

    database: Database
    settings: Settings
    clock: FakeClock = field(default_factory=FakeClock)
    hasher: QuickHasher = field(default_factory=QuickHasher)
    sources: FakeStatusSources = field(default_factory=FakeStatusSources)
    signer: TokenSigner = field(default_factory=lambda: TokenSigner(bytes(32)))
    accounts: Accounts = field(init=False)
    sessions: Sessions = field(init=False)
    audit: AuditLog = field(init=False)
    external_address: ExternalAddress = field(init=False)
    app: TownApp = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.database, self.clock, self.hasher)
        self.sessions = Sessions(self.database, self.clock, self.signer)
        self.audit = AuditLog(self.database, self.clock)
        self.external_address = ExternalAddress(self.clock, lambda: b'{"ip": "203.0.113.7"}')
        origins = Origins("town", lambda: self.settings.allowed_hosts)
        ports = Ports(self.sessions.validate, self.audit.record, origins, lambda: self.settings.locale)
        self.app = create_app(self._routes(), ports)

    def _routes(self) -> Routes:
        sign_in = SignIn(self.accounts, self.sessions, LoginThrottle(self.clock))
        status = Status(
            self.sources,
            accounts=self.accounts,
            audit=self.audit,
            settings=self.settings,
            external_address=self.external_address,
            clock=self.clock,
        )
        return (
            *account_routes.routes(self.accounts, self.sessions, sign_in),
            *audit_routes.routes(self.audit),
            *locale_routes.routes(lambda: self.settings.locale),
            *setting_routes.routes(self.settings),
            *status_routes.routes(status),
            *timezone_routes.routes(),
        )

    async def add(self, username: str, *, admin: bool = False) -> Account:
        """Create an account whose password is `PASSWORD`."""
        new = NewAccount(username, PASSWORD, f"{username}@example.org", "555-0001", username.title(), admin)
        return await self.accounts.create(new, bootstrap=False)

    async def token(self, username: str) -> str:
        """Begin a session of an existing account and return its token."""
        verified = await self.accounts.verify(username, PASSWORD)
        assert verified is not None
        return await self.sessions.create(username, verified.password_hash)

    async def get(self, path: str, token: str | None = None) -> Answer:
        """Send a GET request."""
        return await self._send("GET", path, b"", token)

    async def post(self, path: str, body: object = None, token: str | None = None, *, host: str = "town") -> Answer:
        """Send a POST request; bytes go as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else msgspec.json.encode({} if body is None else body)
        return await self._send("POST", path, content, token, host)

    async def _send(self, method: str, path: str, body: bytes, token: str | None, host: str = "town") -> Answer:
        headers = {"Host": host} | ({} if token is None else {"Authorization": f"Bearer {token}"})
        client = self.app.test_client()
        send = client.get(path, headers=headers) if method == "GET" else client.post(path, data=body, headers=headers)
        response = await send
        return Answer(
            response.status_code,
            await response.get_data(as_text=False),
            {name.lower(): value for name, value in response.headers.items()},
        )


@asynccontextmanager
async def open_rooms(path: Path) -> AsyncIterator[Rooms]:
    """Open the rooms with the database file at `path`."""
    async with Database.open(path, MIGRATIONS) as database:
        yield Rooms(database, await Settings.open(database))

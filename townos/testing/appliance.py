"""The appliance as its composition root builds it, on a fake host, with a client of its HTTP interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from townos.accounts.accounts import Account, Accounts, NewAccount
from townos.accounts.sessions import Sessions
from townos.accounts.tokens import TokenSigner
from townos.api.app import TownApp
from townos.app.build import Appliance, build
from townos.app.http import application
from townos.audit.log import AuditLog
from townos.database.engine import Database
from townos.settings.settings import Settings
from townos.testing.host import FakeHost

PASSWORD = "correct horse"
HOSTNAME = "localhost"


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


@dataclass(frozen=True, slots=True)
class TestAppliance:
    """An appliance whose boot has nothing to do, and its HTTP interface in memory."""

    __test__ = False  # pytest collects no tests here

    host: FakeHost
    appliance: Appliance
    app: TownApp

    @property
    def database(self) -> Database:
        """The database."""
        return self.appliance.core.database

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.appliance.core.settings

    @property
    def audit(self) -> AuditLog:
        """The audit log."""
        return self.appliance.core.audit

    @property
    def accounts(self) -> Accounts:
        """The accounts."""
        return self.appliance.accounts.accounts

    @property
    def sessions(self) -> Sessions:
        """The sessions."""
        return self.appliance.accounts.sessions

    @property
    def signer(self) -> TokenSigner:
        """What reads and makes the tokens of its sessions."""
        return TokenSigner.create(self.appliance.core.configuration.signing_key)

    async def add(self, username: str, *, admin: bool = False) -> Account:
        """Create an account whose password is `PASSWORD`."""
        new = NewAccount(username, PASSWORD, f"{username}@example.org", "555-0001", username.title(), admin)
        return await self.accounts.create(new, bootstrap=False)

    async def token(self, username: str, sessions: Sessions | None = None) -> str:
        """Begin a session of an existing account, among other `sessions` if given, and return its token."""
        verified = await self.accounts.verify(username, PASSWORD)
        assert verified is not None
        return await (sessions or self.sessions).create(username, verified.password_hash)

    async def get(self, path: str, token: str | None = None) -> Answer:
        """Send a GET request."""
        return await self._send("GET", path, b"", token)

    async def post(self, path: str, body: object = None, token: str | None = None, *, host: str = HOSTNAME) -> Answer:
        """Send a POST request; bytes go as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else msgspec.json.encode({} if body is None else body)
        return await self._send("POST", path, content, token, host)

    async def _send(self, method: str, path: str, body: bytes, token: str | None, host: str = HOSTNAME) -> Answer:
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
async def open_appliance(host: FakeHost | Path, *, crash: str = "") -> AsyncIterator[TestAppliance]:
    """Build an appliance on a fake host, or on a new one below a directory. Nothing runs in its background.

    It dies at the crash points, if any (`townos.testing.operations.dying`).
    """
    host = FakeHost(host) if isinstance(host, Path) else host
    async with build(host.configuration(crash), host.adapters()) as appliance:
        appliance.core.boot.plan()  # nothing: whatever waits for the end of the boot may go on
        yield TestAppliance(host, appliance, application(appliance))

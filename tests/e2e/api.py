"""A plain HTTP client for the API, on the standard library: what a stranger's program would do."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

SECONDS: Final = 120
ADMINISTRATOR: Final = {
    "username": "admin",
    "password": "correct horse battery",
    "email": "admin@example.org",
    "phone": "+49 30 123456",
    "real_name": "Admin",
    "admin": True,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, headers with lower-case names, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; a comment has only `comment`."""

    id: str = ""
    event: str = ""
    data: str = ""
    comment: str = ""


class Refused(AssertionError):
    """The API did not answer with success."""


@dataclass(frozen=True, slots=True)
class Api:
    """Talks to one appliance, as whoever `token` belongs to."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request and return whatever comes back. Bytes go as they are, any other body as JSON."""
        with self._connection(method, path, body, headers) as response:
            names = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, names, response.read())

    def get(self, path: str, **query: object) -> Any:
        """Return the JSON of a successful GET, None for an empty body; raise `Refused` otherwise."""
        return _content("GET", path, self.ask("GET", f"{path}?{urlencode(query)}" if query else path))

    def post(self, path: str, **body: object) -> Any:
        """Return the JSON of a successful POST of these fields, None for an empty body; raise `Refused` otherwise."""
        return _content("POST", path, self.ask("POST", path, body))

    def signed_in(self, username: str, password: str) -> Api:
        """Return a client with a session of its own."""
        return replace(self, token=self.post("/account/authenticate", username=username, password=password)["token"])

    def first_administrator(self) -> Api:
        """Create the administrator of a new appliance and return a client signed in as that."""
        self.post("/account/create", **ADMINISTRATOR)
        return self.signed_in(str(ADMINISTRATOR["username"]), str(ADMINISTRATOR["password"]))

    @contextmanager
    def events(self, path: str, *, last_event_id: str = "", **query: object) -> Iterator[Iterator[Event]]:
        """Yield the events of a stream as they come, comments included."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self._connection("GET", f"{path}?{urlencode(query)}", None, headers) as response:
            if response.status != 200:
                raise Refused(f"GET {path}: {response.status} {response.read()!r}")
            yield _events(response)

    @contextmanager
    def _connection(
        self, method: str, path: str, body: object, headers: Mapping[str, str] | None
    ) -> Iterator[http.client.HTTPResponse]:
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        split = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(split.hostname), split.port, timeout=SECONDS)
        try:
            content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, content, {**sent, **(headers or {})})
            yield connection.getresponse()
        finally:
            connection.close()


def _content(method: str, path: str, reply: Reply) -> Any:
    if reply.status != 200:
        raise Refused(f"{method} {path}: {reply.status} {reply.body.decode(errors='replace')}")
    return reply.json() if reply.body else None


def _events(response: http.client.HTTPResponse) -> Iterator[Event]:
    fields: dict[str, str] = {}
    while line := response.readline():
        text = line.decode().rstrip("\r\n")
        if text.startswith(":"):
            yield Event(comment=text[1:].strip())
        elif text:
            name, _, value = text.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value
        elif fields:
            yield Event(fields.get("id", ""), fields.get("event", ""), fields.get("data", ""))
            fields = {}

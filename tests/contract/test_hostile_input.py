"""Every field of every route refuses what is not of its kind: 4xx, the field named, nothing changed."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from tests.support.hostile import Attack, Schemas, attacks, fields, oddities
from tests.support.http import Answer, ask
from townos.accounts.accounts import NewAccount
from townos.api.app import TownApp
from townos.app.adapters import real_adapters
from townos.app.build import build
from townos.app.configuration import parse
from townos.app.http import application

PLACES = ("db", "btrfs", "repo-dir", "network-state", "unit-dir")
PASSWORD = "correct horse"
ASKS_SYSTEMD = {"/systemd/units"}
"""Routes that wait for a service manager which is not there, whatever they are asked."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The program as it is shipped, built but not started, and its administrator's token."""

    app: TownApp
    token: str
    directory: Path

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        return await ask(self.app, method, path, body, {"Authorization": f"Bearer {self.token}"})

    async def description(self) -> Any:
        return (await self.ask("GET", "/openapi.json")).json

    def state(self) -> dict[str, object]:
        """Return all that lasts, but for the audit log."""
        files = [path for path in self.directory.rglob("*") if path.is_file() and not path.name.startswith("db")]
        with sqlite3.connect(self.directory / "db") as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            kept = sorted(set(names) - {"audit_log", "sqlite_sequence"})
            tables: dict[str, object] = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in kept}
        connection.close()
        return tables | {str(path): path.read_bytes() for path in files}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SignedIn]:
    configuration = parse([f"-{place}={tmp_path}/{place}" for place in PLACES], {})
    async with build(configuration, real_adapters(configuration)) as appliance:
        new = NewAccount("ada", PASSWORD, "ada@example.org", "555-0001", "Ada", admin=True)
        await appliance.accounts.accounts.create(new, bootstrap=True)
        signed_in = await appliance.accounts.sign_in.authenticate("ada", PASSWORD, source="test")
        yield SignedIn(application(appliance), signed_in.token, tmp_path)


def names_the_field(answer: Answer, field: str) -> bool:
    problem = answer.json
    return field in problem["detail"] and field in [error["name"] for error in problem["validation_errors"]]


async def sent(client: SignedIn, attack: Attack) -> Answer:
    path = f"{attack.path}?{urlencode(attack.query)}" if attack.query else attack.path
    return await client.ask(attack.method, path, msgspec.json.encode(attack.document) if attack.document else b"")


async def survives(client: SignedIn, attack: Attack) -> bool:
    path = f"{attack.path}?{urlencode(attack.query)}" if attack.query else attack.path
    answer = await client.ask(attack.method, path, msgspec.json.encode(attack.document))
    return answer.status != 422 or not names_the_field(answer, attack.field)


async def test_every_field_of_every_route_refuses_hostile_input(client: SignedIn) -> None:
    before = client.state()
    assert [str(attack) for attack in attacks(await client.description()) if await survives(client, attack)] == []
    assert client.state() == before


async def test_every_wrong_input_is_refused_with_the_name_of_its_field(client: SignedIn) -> None:
    """Not only what the decoder refuses: also what is refused by the rooms behind it."""
    unnamed = []
    statuses = set()
    for attack in oddities(await client.description()):
        if attack.path in ASKS_SYSTEMD:
            continue
        answer = await sent(client, attack)
        statuses.add(answer.status)
        if answer.status == 422 and not answer.json["validation_errors"]:
            unnamed.append(f"{attack} {attack.document or attack.query}: {answer.detail}")
    assert unnamed == []
    assert 500 not in statuses
    assert {200, 404, 422} <= statuses


async def test_every_route_with_a_body_refuses_a_body_that_is_not_json(client: SignedIn) -> None:
    before = client.state()
    for path, methods in (await client.description())["paths"].items():
        if "application/json" in methods.get("post", {}).get("requestBody", {}).get("content", {}):
            for body in (b"{", b"x {}", b"\xff", b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40):
                answer = await client.ask("POST", path, body)
                assert answer.status == 400, (path, body)
                assert names_the_field(answer, "body")
    assert client.state() == before


async def test_every_route_that_asks_who_calls_refuses_strangers_before_it_reads(client: SignedIn) -> None:
    for path, methods in (await client.description())["paths"].items():
        for method, operation in methods.items():
            if operation["x-auth"] != "public":
                assert (await ask(client.app, method.upper(), path, b"not json")).status == 401, path


async def test_the_walk_reaches_the_main_routes(client: SignedIn) -> None:
    walked = set(fields(await client.description()))
    assert {
        ("POST", "/account/create", "username"),
        ("POST", "/account/update", "fields.email"),
        ("POST", "/storage/modify", "filesystem.quota"),
        ("POST", "/repository/add", "url"),
        ("POST", "/settings/set", "value"),
        ("GET", "/repository", "search"),
    } <= walked


def test_a_walk_reaches_every_kind_of_field() -> None:
    """The walk itself is tested: a walk that skips fields would prove nothing."""
    text = {"type": "string", "maxLength": 3}
    parameters = [
        {"name": "search", "schema": text},
        {"name": "n", "schema": {"type": "integer"}},
        {"name": "limit", "schema": {"type": "integer", "x-lenient": True}},
    ]
    change = {
        "name": text,
        "sub": {"$ref": "#/x/Sub"},
        "list": {"type": "array", "items": text},
        "map": {"type": "object", "additionalProperties": text},
        "maybe": {"anyOf": [text, {"type": "null"}]},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/x/Change"}}}}
    sub = {"type": "object", "properties": {"flag": {"type": "boolean"}}}
    description = {
        "paths": {"/list": {"get": {"parameters": parameters}}, "/change": {"post": {"requestBody": body}}},
        "components": {"schemas": {"Change": {"properties": change}, "Sub": sub}},
    }
    assert {field for _, _, field in fields(description)} == {
        "search", "n", "body", "name", "sub", "sub.flag", "list", "list[0]", "map", "map.key", "map.a\nb", "maybe",
    }  # fmt: skip
    assert {attack.kind for attack in attacks(description)} == {"null", "wrong type", "over-long", "control character"}
    assert Schemas(description).resolved({"anyOf": [{"type": "null"}, text]}) == text

"""Every field of every route refuses what is not of its kind: 4xx, the field named, nothing changed."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from tests.support.hostile import Attack, Schemas, attacks, fields
from tests.support.http import ADMIN, Answer, House, ask
from tests.support.whole import MODULES, Whole, whole
from townos import api


@pytest.fixture
async def everything(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(tmp_path) as opened:
        yield opened


async def described(house: House) -> Any:
    return (await house.get("/openapi.json")).json


async def launched(house: House, attack: Attack) -> Answer:
    path = f"{attack.path}?{urlencode(attack.query)}" if attack.query else attack.path
    return await ask(house.app, attack.method, path, msgspec.json.encode(attack.document), ADMIN)


def names_the_field(answer: Answer, field: str) -> bool:
    problem = answer.json
    return field in problem["detail"] and field in [error["name"] for error in problem["validation_errors"]]


def test_all_modules_with_routes_are_walked() -> None:
    modules = [import_module(f"townos.api.{module.name}") for module in iter_modules(api.__path__)]
    assert {module for module in modules if hasattr(module, "routes")} == set(MODULES)


async def test_every_field_of_every_route_refuses_hostile_input(everything: Whole) -> None:
    house = everything.house
    before = await everything.state()
    survivors = []
    for attack in attacks(await described(house)):
        answer = await launched(house, attack)
        if answer.status != 422 or not names_the_field(answer, attack.field):
            survivors.append((str(attack), answer.status, answer.body))
    assert survivors == []
    assert await everything.state() == before


async def test_every_route_with_a_body_refuses_what_is_not_json(everything: Whole) -> None:
    house = everything.house
    before = await everything.state()
    for path, methods in (await described(house))["paths"].items():
        if "requestBody" not in methods.get("post", {}):
            continue
        for body in (b"", b"{", b'{"a":1} x', b"\xff", b"[" * 100_000):
            answer = await house.post(path, body, ADMIN)
            assert answer.status == 400, (path, body)
            assert names_the_field(answer, "body")
    assert await everything.state() == before


async def test_every_route_that_asks_who_calls_refuses_strangers_before_it_reads(everything: Whole) -> None:
    house = everything.house
    for path, methods in (await described(house))["paths"].items():
        for method, operation in methods.items():
            expected = {"public": None, "session": 401, "admin": 401}[operation["x-auth"]]
            answer = await ask(house.app, method.upper(), path, b"not json")
            assert expected is None or answer.status == expected, path


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

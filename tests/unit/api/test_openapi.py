"""The description of the interface comes from the routes and their types."""

from enum import Enum
from typing import Literal

import msgspec
import pytest

from tests.support.http import AppClient
from townos.api.call import Call
from townos.api.http.sse import EventStream, Stream
from townos.api.routing import Auth, Form, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.requests import Count, ListQuery, Name, Password, Request
from townos.testing.appliance import TestAppliance


class Filesystem(Request):
    name: Name = ""
    quota: Count = 0


class Change(Request):
    name: Name = ""
    password: Password = ""
    filesystem: Filesystem = msgspec.field(default_factory=Filesystem)


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    note: str = ""


class Little(msgspec.Struct, frozen=True):
    status: str


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Place(msgspec.Struct, frozen=True):
    """Where it goes.

    Whoever says nothing gets the top.
    """

    directory: str = ""


class Much(msgspec.Struct, frozen=True):
    status: str
    color: Color
    shape: Literal["round", "square"]
    units: int
    note: str = ""
    error: str | msgspec.UnsetType = msgspec.UNSET


async def listing(_: Call, query: ListQuery) -> Page[Entry]:
    """List the entries."""
    return page([], query)


async def change(_: Call, body: Change) -> None: ...


async def ping(_: Call) -> Little | Much:
    return Little("ok")


async def refresh(_: Call) -> dict[str, str] | None:
    return None


async def logs(_: Call, query: ListQuery) -> EventStream:
    raise AssertionError(query)


async def upload(_: Call) -> None: ...


async def download(_: Call) -> Stream:
    raise AssertionError


@pytest.fixture
async def document() -> dict[str, object]:
    client = AppClient(
        (
            get("/entries", listing, Auth.SESSION),
            post("/entries/change", change, Auth.ADMIN, audit=""),
            get("/status/ping", ping, Auth.PUBLIC),
            post("/refresh", refresh, Auth.SESSION, audit=""),
            get("/logs", logs, Auth.SESSION),
            post("/upload", upload, Auth.ADMIN, audit="", streams_body=True, form=Form(Place, "photo")),
            post("/download", download, Auth.ADMIN, audit=""),
        )
    )
    answer = await client.get("/openapi.json")
    assert answer.status == 200
    assert (await client.get("/openapi.json")).body == answer.body == client.app.description.document
    return msgspec.json.decode(answer.body, type=dict[str, object])


def at(document: object, *keys: str) -> object:
    for key in keys:
        assert isinstance(document, dict)
        document = document[key]
    return document


async def test_every_route_is_in_the_description(document: dict[str, object]) -> None:
    paths = at(document, "paths")
    assert isinstance(paths, dict)
    assert {path: set(methods) for path, methods in paths.items()} == {
        "/download": {"post"},
        "/entries": {"get"},
        "/entries/change": {"post"},
        "/logs": {"get"},
        "/openapi.json": {"get"},
        "/refresh": {"post"},
        "/status/ping": {"get"},
        "/upload": {"post"},
    }
    assert at(document, "openapi") == "3.1.0"


async def test_bodies_and_their_limits(document: dict[str, object]) -> None:
    reference = at(document, "paths", "/entries/change", "post", "requestBody", "content", "application/json", "schema")
    assert reference == {"$ref": "#/components/schemas/Change"}
    name = at(document, "components", "schemas", "Change", "properties", "name")
    assert isinstance(name, dict)
    assert (name["type"], name["maxLength"], name["default"]) == ("string", 128, "")
    assert "u0000" in name["pattern"]
    assert at(document, "components", "schemas", "Filesystem", "properties", "quota", "minimum") == 0


async def test_parameters_are_listed(document: dict[str, object]) -> None:
    parameters = at(document, "paths", "/entries", "get", "parameters")
    assert isinstance(parameters, list)
    assert [(one["name"], one["in"], one["schema"]["type"]) for one in parameters] == [
        ("sort_by", "query", "string"),
        ("sort_order", "query", "string"),
        ("limit", "query", "integer"),
        ("offset", "query", "integer"),
        ("search", "query", "string"),
    ]


async def test_answers_are_described(document: dict[str, object]) -> None:
    def success(path: str, method: str) -> object:
        return at(document, "paths", path, method, "responses", "200")

    assert at(success("/entries", "get"), "content", "application/json", "schema") == {
        "$ref": "#/components/schemas/Page_Entry_"
    }
    assert at(success("/status/ping", "get"), "content", "application/json", "schema", "anyOf") == [
        {"$ref": "#/components/schemas/Little"},
        {"$ref": "#/components/schemas/Much"},
    ]
    assert success("/entries/change", "post") == {"description": "success, with an empty body"}
    assert at(success("/logs", "get"), "content", "text/event-stream", "schema", "type") == "string"
    problem = at(document, "paths", "/entries", "get", "responses", "default", "content", "application/problem+json")
    assert problem == {"schema": {"$ref": "#/components/schemas/Problem"}}
    assert at(document, "components", "schemas", "Problem", "properties", "validation_errors", "type") == "array"


@pytest.mark.parametrize(
    ("path", "method", "level", "security"),
    [
        ("/status/ping", "get", "public", [{}, {"session": []}]),
        ("/entries", "get", "session", [{"session": []}]),
        ("/entries/change", "post", "admin", [{"session": []}]),
    ],
)
async def test_the_description_tells_who_may_call_a_route(
    document: dict[str, object], path: str, method: str, level: str, security: object
) -> None:
    assert at(document, "paths", path, method, "x-auth") == level
    assert at(document, "paths", path, method, "security") == security


async def test_operations_have_names_and_summaries(document: dict[str, object]) -> None:
    assert at(document, "paths", "/entries/change", "post", "operationId") == "post_entries_change"
    assert at(document, "paths", "/entries", "get", "summary") == "List the entries."


async def test_an_upload_is_a_form_with_texts_and_a_file(document: dict[str, object]) -> None:
    schema = at(document, "paths", "/upload", "post", "requestBody", "content", "multipart/form-data", "schema")
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    assert schema == {
        "allOf": [
            {"$ref": "#/components/schemas/Place"},
            {"type": "object", "properties": {"photo": file}, "required": ["photo"]},
        ]
    }


async def test_a_download_is_a_file(document: dict[str, object]) -> None:
    answer = at(document, "paths", "/download", "post", "responses", "200", "content", "*/*", "schema")
    assert answer == {"type": "string", "contentMediaType": "application/octet-stream"}


@pytest.mark.parametrize("keys", [("Color",), ("Much", "properties", "shape")])
async def test_a_choice_is_one_of_some_texts(document: dict[str, object], keys: tuple[str, ...]) -> None:
    choice = at(document, "components", "schemas", *keys)
    assert isinstance(choice, dict)
    assert choice["type"] == "string"
    assert len(choice["enum"]) == 2


async def test_descriptions_have_no_indentation(document: dict[str, object]) -> None:
    description = at(document, "components", "schemas", "Place", "description")
    assert description == "Where it goes.\n\nWhoever says nothing gets the top."


async def test_a_message_within_a_message_is_described(document: dict[str, object]) -> None:
    typed = at(document, "components", "schemas", "TypedParam", "properties")
    assert typed == {
        "bytes": {"type": "integer"},
        "seconds": {"type": "number"},
        "term": {"$ref": "#/components/schemas/Message"},
    }
    assert at(document, "components", "schemas", "Message", "required") == ["code", "params"]


async def test_members_of_every_answer_are_required(document: dict[str, object]) -> None:
    assert at(document, "components", "schemas", "Much", "required") == ["status", "color", "shape", "units", "note"]
    assert at(document, "components", "schemas", "Entry", "required") == ["name"]
    assert at(document, "components", "schemas", "Change", "required") == []  # a body may leave out all of its fields


async def test_the_name_of_every_schema_is_plain(appliance: TestAppliance) -> None:
    """Where two types have one name, the schemas are called by the modules that they come from."""
    schemas = at(msgspec.json.decode(appliance.app.description.document), "components", "schemas")
    assert isinstance(schemas, dict)
    assert [name for name in schemas if not name.isidentifier()] == []


@pytest.mark.parametrize(
    ("schema", "field", "choices"),
    [
        ("PreviewObject", "runtime", {"container", "vm"}),
        ("Ping", "space", {"ok", "low", "full"}),
    ],
)
async def test_a_field_with_few_values_lists_them(
    appliance: TestAppliance, schema: str, field: str, choices: set[str]
) -> None:
    document = msgspec.json.decode(appliance.app.description.document)
    listed = at(document, "components", "schemas", schema, "properties", field, "enum")
    assert isinstance(listed, list)
    assert set(listed) == choices

"""`/openapi.json`: the routes, told to machines. Everything in it comes from the route table and the types."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec
from quart.wrappers import Response

from townos import __version__
from townos.api.call import Call
from townos.api.http.forms import MULTIPART
from townos.api.http.replies import JSON, Reply, encoded
from townos.api.http.sse import EVENT_STREAM, EventStream, Stream
from townos.api.routing import Auth, Form, Route, RouteTable, get
from townos.api.wire.problems import CONTENT_TYPE as PROBLEM_TYPE
from townos.api.wire.problems import Problem
from townos.api.wire.requests import Number
from townos.api.wire.shapes import fields_of, is_struct, plain

PATH: Final = "/openapi.json"
REFERENCE: Final = "#/components/schemas/{name}"

BINARY: Final = {"type": "string", "contentMediaType": "application/octet-stream"}

LENIENT: Final = "x-lenient"
"""Marks a parameter where whatever is no number counts as 0."""

Schema = dict[str, Any]


class Description:
    """The OpenAPI description of a route table; it is made when it is first asked for."""

    def __init__(self) -> None:
        self._table = RouteTable(())

    def route(self) -> Route:
        """Return the route that tells the description."""

        async def describe(_: Call) -> Response:
            return Reply(self.document)

        return get(PATH, describe, Auth.PUBLIC)

    def describe(self, table: RouteTable) -> None:
        """Say which routes to describe."""
        self._table = table

    @cached_property
    def document(self) -> bytes:
        """The description as JSON bytes."""
        return encoded(openapi(self._table))


def openapi(table: Iterable[Route]) -> Schema:
    """Return the description of all routes, with the limits of every field."""
    routes = sorted(table, key=lambda route: (route.path, route.method))
    kinds = {kind for route in routes for kind in _kinds(route)} | {Problem}
    ordered = sorted(kinds, key=str)
    schemas, components = msgspec.json.schema_components(ordered, schema_hook=_schema_hook, ref_template=REFERENCE)
    known = dict(zip(ordered, schemas, strict=True))
    for output in {kind for route in routes for kind in _outputs(route)} | {Problem}:
        _require_what_is_sent(output, components, set())
    _complete(components)
    paths: Schema = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Town OS", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(route: Route, known: dict[Any, Schema], components: Schema) -> Schema:
    operation: Schema = {
        "operationId": _identifier(route),
        "x-auth": route.auth.value,
        "security": [{"session": []}] if route.auth is not Auth.PUBLIC else [{}, {"session": []}],
        "responses": {
            "200": _success(route, known),
            "default": {"description": "a problem", "content": {PROBLEM_TYPE: {"schema": known[Problem]}}},
        },
    }
    if route.handler.__doc__:
        operation["summary"] = route.handler.__doc__.partition("\n")[0]
    kind = route.signature.input
    if kind is not None and route.method == "GET":
        operation["parameters"] = list(_parameters(_resolved(known[kind], components)))
    elif kind is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": known[kind]}}}
    elif route.form is not None:
        operation["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": _form(route.form, known)}}}
    return operation


def _form(form: Form, known: dict[Any, Schema]) -> Schema:
    file = {"type": "object", "properties": {form.file: BINARY}, "required": [form.file]}
    return {"allOf": [known[form.fields], file]}


def _success(route: Route, known: dict[Any, Schema]) -> Schema:
    output = route.signature.output
    if output is EventStream:
        return {"description": "events", "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
    if _is_response(output) and issubclass(output, Stream):
        return {"description": "a file", "content": {"*/*": {"schema": BINARY}}}
    if _is_response(output):
        return {"description": "success"}
    schemas = [known[kind] for kind in _members(output)]
    if not schemas:
        return {"description": "success, with an empty body"}
    return {
        "description": "success",
        "content": {JSON: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}},
    }


def _parameters(schema: Schema) -> Iterator[Schema]:
    for name, member in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": False, "schema": member}


def _resolved(schema: Schema, components: Schema) -> Schema:
    return components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _identifier(route: Route) -> str:
    words = [word for part in route.path.strip("/").split("/") for word in part.replace(".", "-").split("-")]
    return "_".join([route.method.lower(), *words])


def _kinds(route: Route) -> Iterator[Any]:
    if route.signature.input is not None:
        yield route.signature.input
    if route.form is not None:
        yield route.form.fields
    yield from _outputs(route)


def _outputs(route: Route) -> Iterator[Any]:
    if not _is_response(route.signature.output):
        yield from _members(route.signature.output)


def _require_what_is_sent(kind: Any, components: Schema, done: set[type]) -> None:
    """Mark the fields that every answer has: a default says what is sent, unless it is left out."""
    kind = plain(kind)
    if is_struct(kind):
        if kind in done:
            return
        done.add(kind)
        if not kind.__struct_config__.omit_defaults:
            sent = [field.encode_name for field in fields_of(kind) if field.default is not msgspec.UNSET]
            components[kind.__name__]["required"] = sent
        for field in fields_of(kind):
            _require_what_is_sent(field.type, components, done)
        return
    for argument in get_args(kind):
        _require_what_is_sent(argument, components, done)


def _complete(node: Any) -> None:
    """Say of each choice of texts that these are texts, and take the indentation out of descriptions."""
    if isinstance(node, list):
        for member in node:
            _complete(member)
    elif isinstance(node, dict):
        if _is_choice_of_texts(node.get("enum")):
            node["type"] = "string"
        if isinstance(node.get("description"), str):
            node["description"] = cleandoc(node["description"])
        for member in node.values():
            _complete(member)


def _is_choice_of_texts(choices: Any) -> bool:
    return isinstance(choices, list) and all(isinstance(choice, str) for choice in choices)


def _members(output: Any) -> list[Any]:
    """Return the types that a handler may return, without None, which stands for an empty body."""
    if output is None:
        return []
    if get_origin(output) in {Union, UnionType}:
        return [member for member in get_args(output) if member is not NoneType]
    return [output]


def _is_response(output: Any) -> bool:
    return isinstance(output, type) and issubclass(output, Response)


def _schema_hook(kind: type) -> Schema:
    if issubclass(kind, Number):
        return {"type": "integer", "default": 0, LENIENT: True}
    if issubclass(kind, str):
        return {"type": "string"}
    raise NotImplementedError(kind)

"""Every hostile or odd value for every field of every route, read from `/openapi.json` alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

CONTROL_CHARACTERS: Final = ("a\x00b", "a\nb", "a\n", "\x1b[31m", "\x7f", "\u0085")
WRONG: Final[dict[str, tuple[Any, ...]]] = {
    "string": (7, 1.5, True, [], {}),
    "integer": ("7", 1.5, True, [], {}, 2**70, -(2**70)),
    "number": ("7", True, [], {}),
    "boolean": ("true", 1, 0, [], {}),
    "array": ({}, "a", 7),
    "object": ([], "a", 7, True),
}
ABSURD_LENGTH: Final = 70_000
"""More than any text may have."""


ODD: Final = ("", "../x", "-x", "a b", "x/../y", "*", "%", "sshd.service", "169.254.0.1", "1.5", "9" * 30, "n" * 128)
"""Texts of the right kind and length that hardly any field takes."""
USUAL: Final = ("", "x")
"""What the other fields are filled with meanwhile."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One request with one wrong field."""

    method: str
    path: str
    field: str
    kind: str
    """Which of the ways to be wrong it is."""
    document: Any = None
    """The JSON body."""
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.field} {self.kind}"


def attacks(description: Any) -> Iterator[Attack]:
    """Yield the attacks on all routes."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            schemas = Schemas(description)
            yield from _on_query(method.upper(), path, operation.get("parameters", ()))
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                yield from _on_body(method.upper(), path, schemas, body["schema"])


def oddities(description: Any) -> Iterator[Attack]:
    """Yield requests that are well-formed but wrong in one text, to all routes but those that answer without end."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if "text/event-stream" in operation["responses"]["200"].get("content", {}):
                continue
            schemas = Schemas(description)
            names = [one["name"] for one in operation.get("parameters", ()) if one["schema"].get("type") == "string"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for usual in USUAL:
                for name, odd in product(names, ODD):
                    query = dict.fromkeys(names, usual) | {name: odd}
                    yield Attack(method.upper(), path, name, "odd", query=tuple(query.items()))
                for name, document in schemas.texts(body, usual):
                    yield Attack(method.upper(), path, name, "odd", document=document)


def fields(description: Any) -> Iterator[tuple[str, str, str]]:
    """Yield method, path and name of all fields that are attacked."""
    yield from sorted({(attack.method, attack.path, attack.field) for attack in attacks(description)})


def _on_query(method: str, path: str, parameters: Any) -> Iterator[Attack]:
    for parameter in parameters:
        name, schema = parameter["name"], parameter["schema"]
        if schema.get("type") == "string":
            for text in CONTROL_CHARACTERS:
                yield Attack(method, path, name, "control character", query=((name, text),))
            yield Attack(method, path, name, "over-long", query=((name, "x" * ABSURD_LENGTH),))
        elif not schema.get("x-lenient"):
            for text in ("x", "1.5", "", "9" * 40):
                yield Attack(method, path, name, "wrong type", query=((name, text),))


def _on_body(method: str, path: str, schemas: "Schemas", schema: Any) -> Iterator[Attack]:
    documents: tuple[Any, ...] = (None, [], "a", 7, True)
    for wrong in documents:
        yield Attack(method, path, "body", "wrong type", document=wrong)
    for field, kind, document in schemas.documents(schema, ""):
        yield Attack(method, path, field, kind, document=document)


class Schemas:
    """The schemas of a description, with their references."""

    def __init__(self, description: Any) -> None:
        self._components = description["components"]["schemas"]

    def documents(self, schema: Any, prefix: str) -> Iterator[tuple[str, str, Any]]:
        """Yield, for an object's schema, each field with each way to be wrong and an object that is wrong so."""
        for name, member in self.resolved(schema).get("properties", {}).items():
            for field, kind, value in self._values(member, f"{prefix}{name}"):
                yield field, kind, {name: value}

    def resolved(self, schema: Any) -> Any:
        """Follow references, and take the only choice that is not null."""
        if "$ref" in schema:
            return self.resolved(self._components[schema["$ref"].rpartition("/")[2]])
        choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        return self.resolved(choices[0]) if len(choices) == 1 else schema

    def texts(self, schema: Any, usual: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """Yield each text field with each object in which it is odd and the other texts are usual."""
        members = {name: self.resolved(one) for name, one in self.resolved(schema).get("properties", {}).items()}
        rest = {name: usual for name, one in members.items() if one.get("type") == "string"}
        for name, member in members.items():
            if name in rest:
                yield from ((f"{prefix}{name}", rest | {name: odd}) for odd in ODD)
            elif "properties" in member:
                inner = self.texts(member, usual, f"{prefix}{name}.")
                yield from ((field, rest | {name: document}) for field, document in inner)

    def _values(self, schema: Any, field: str) -> Iterator[tuple[str, str, Any]]:
        schema = self.resolved(schema)
        kind = schema["type"]
        yield field, "null", None
        for value in WRONG[kind]:
            yield field, "wrong type", value
        if kind == "string":
            yield field, "over-long", "x" * ABSURD_LENGTH
            for text in CONTROL_CHARACTERS:
                yield field, "control character", text
        elif kind == "array":
            for inner, how, value in self._values(schema["items"], f"{field}[0]"):
                yield inner, how, [value]
        elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            for inner, how, value in self._values(schema["additionalProperties"], f"{field}.key"):
                yield inner, how, {"key": value}
            yield f"{field}.a\nb", "control character", {"a\nb": "x"}
        elif kind == "object":
            yield from self.documents(schema, f"{field}.")

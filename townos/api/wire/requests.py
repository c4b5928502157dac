"""Typed input: the base of request bodies and queries, the text types with their limits, and the decoding of both.

Unknown keys are ignored, a missing key is its zero value, the case of keys in a body does not count; anything else that
does not fit is told field by field.
"""

import re
from functools import partial
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from townos.api.wire.documents import read_document
from townos.api.wire.faults import invalid
from townos.api.wire.shapes import spelled
from townos.limits import (
    INTEGER_MAX,
    INTEGER_MIN,
    NAME_INPUT_MAX_CHARS,
    PASSWORD_MAX_CHARS,
    TEXT_MAX_CHARS,
    URL_MAX_CHARS,
)

NO_CONTROL: Final = r"^(?![\s\S]*[\u0000-\u001f\u007f-\u009f])"
"""Matches text without control characters, in Python and in the ECMAScript of JSON Schema alike."""

Name = Annotated[str, Meta(max_length=NAME_INPUT_MAX_CHARS, pattern=NO_CONTROL)]
Password = Annotated[str, Meta(max_length=PASSWORD_MAX_CHARS, pattern=NO_CONTROL)]
Url = Annotated[str, Meta(max_length=URL_MAX_CHARS, pattern=NO_CONTROL)]
Text = Annotated[str, Meta(max_length=TEXT_MAX_CHARS, pattern=NO_CONTROL)]
Integer = Annotated[int, Meta(ge=INTEGER_MIN, le=INTEGER_MAX)]
"""A whole number that SQLite can hold."""
Count = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
"""A whole number that is not negative: bytes, positions."""


class Request(msgspec.Struct):
    """The base of every request body and query. Give each field its zero value as default."""


class Number(int):
    """A number in a query, where whatever is not one counts as 0 (docs/api.md, Lists)."""


class ListQuery(Request):
    """The parameters of every list: `?sort_by=&sort_order=&limit=&offset=&search=`."""

    sort_by: Text = ""
    sort_order: Text = ""
    limit: Number = msgspec.field(default_factory=Number)
    offset: Number = msgspec.field(default_factory=Number)
    search: Text = ""


T = TypeVar("T", bound=Request)


def decode_body(body: bytes, kind: type[T]) -> T:
    """Return the JSON object `body` as `kind`. Raises `Malformed` (not JSON), `Invalid` (naming every wrong field)."""
    document = spelled(read_document(body), kind)
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError:
        raise invalid(document, kind, msgspec.convert) from None


def decode_query(query: bytes, kind: type[T]) -> T:
    """Return a query string as `kind`; the first value of a repeated key counts. Raises `Invalid`."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, value)
    try:
        return msgspec.convert(values, kind, strict=False, dec_hook=_lenient)
    except msgspec.ValidationError:
        raise invalid(values, kind, partial(msgspec.convert, strict=False, dec_hook=_lenient)) from None


def whole_number(text: str) -> int | None:
    """Return the number that is written in digits alone; None for anything else and for what SQLite cannot hold."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(INTEGER_MAX)):
        return None
    number = int(text)
    return number if number <= INTEGER_MAX else None


def _lenient(kind: type, value: object) -> Any:
    if kind is Number:
        text = str(value)
        return Number(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else Number(0)
    raise NotImplementedError(kind)

"""Typed input: the base of request bodies and queries, the text types with their limits, and the decoding of both.

Unknown keys are ignored, a missing key is its zero value, anything else that does not fit is told field by field.
"""

import re
from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from townos.errors import FieldError, Invalid, Malformed
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
    """A number in a query, where whatever is not one counts as 0 (contract, list endpoints)."""


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
    try:
        return cast("T", _decoder(kind).decode(body))
    except msgspec.ValidationError:
        pass
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from error
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from error
    raise _invalid(list(_faults(document, kind, "")))


def decode_query(query: bytes, kind: type[T]) -> T:
    """Return a query string as `kind`; the first value of a repeated key counts. Raises `Invalid`."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, value)
    try:
        return msgspec.convert(values, kind, strict=False, dec_hook=_lenient)
    except msgspec.ValidationError:
        raise _invalid(list(_faults(values, kind, "", strict=False))) from None


def fields_of(kind: type) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a struct, resolved once per type."""
    return _fields_of(kind)


@cache
def _fields_of(kind: type) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


@cache
def _decoder(kind: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _lenient(kind: type, value: object) -> object:
    if kind is Number:
        text = str(value)
        return Number(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else Number(0)
    raise NotImplementedError(kind)


def _not_json(error: Exception) -> Malformed:
    reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Malformed("http.not_json", reason, fields=[FieldError("body", "http.not_json", (reason,))])


def _invalid(faults: list[FieldError]) -> Invalid:
    return Invalid("http.invalid_input", ", ".join(fault.name for fault in faults), fields=faults)


def _faults(value: object, kind: Any, path: str, *, strict: bool = True) -> Iterator[FieldError]:
    """Yield what is wrong with `value`, at the deepest place that can be named."""
    try:
        msgspec.convert(value, kind, strict=strict, dec_hook=_lenient)
    except msgspec.ValidationError as error:
        inner = [
            fault for place, part, of in _parts(value, kind, path) for fault in _faults(part, of, place, strict=strict)
        ]
        yield from inner or [FieldError(path or "body", *_reason(str(error)))]


def _parts(value: object, kind: Any, path: str) -> Iterator[tuple[str, object, Any]]:
    """Yield the members of a JSON value with their paths and expected types."""
    kind = _plain(kind)
    prefix = f"{path}." if path else ""
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in fields_of(kind):
            if field.encode_name in value:
                yield prefix + field.encode_name, value[field.encode_name], field.type
    elif isinstance(value, dict) and get_origin(kind) is dict:
        key_kind, member_kind = get_args(kind)
        for key, member in value.items():
            yield prefix + key, key, key_kind
            yield prefix + key, member, member_kind
    elif isinstance(value, list) and get_origin(kind) in {list, tuple}:
        for index, member in enumerate(value):
            yield f"{path}[{index}]", member, get_args(kind)[0]


def _plain(kind: Any) -> Any:
    """Strip `Annotated` and `| None`."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    members = [member for member in get_args(kind) if member not in {NoneType, msgspec.UnsetType}]
    is_union = get_origin(kind) is not None and len(members) == 1 and len(get_args(kind)) == 2
    return _plain(members[0]) if is_union and get_origin(kind) not in {dict, list, tuple} else kind


_REASONS: Final = (
    (re.compile(r"Expected `(.+?)`, got `(.+?)`"), "http.field_expected"),
    (re.compile(r"Expected `str` of length <= (\d+)"), "http.field_too_long"),
    (re.compile(r"Expected `str` matching regex"), "http.field_control"),
    (re.compile(r"Object missing required field"), "http.field_missing"),
)


def _reason(message: str) -> tuple[str, tuple[object, ...]]:
    """Return the catalogue key and parameters for one of msgspec's sentences."""
    message = message.partition(" - at ")[0]
    for pattern, code in _REASONS:
        if match := pattern.match(message):
            return code, tuple(int(group) if group.isdigit() else group for group in match.groups())
    return "http.field_invalid", (cast("object", message),)

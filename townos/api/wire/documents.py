"""The JSON of a request body (docs/api.md, Requests): the first value counts, and nothing is an object."""

import json
import re
from typing import Any, Final

import msgspec

from townos.errors import Malformed
from townos.limits import JSON_DEPTH_MAX

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKETS: Final = b"[]{}"
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_PLACE: Final = re.compile(r"\(byte (\d+)\)")


def read_document(body: bytes) -> Any:
    """Return the first JSON value of a body, an empty object for an empty body.

    Whoever walks through it may call itself for each level: there are few. Raises `Malformed`.
    """
    if not body.strip():
        return {}
    try:
        return _shallow(body, msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        value = _first_value(body)
        if value is None:
            raise _not_json(error) from error
    except RecursionError as error:
        raise _too_deep() from error
    return _decoded(value)


def _decoded(value: bytes) -> Any:
    try:
        return _shallow(value, msgspec.json.decode(value))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(error) from error
    except RecursionError as error:
        raise _too_deep() from error


def _first_value(body: bytes) -> bytes | None:
    """Return the first value without what follows it; None if there is no value or nothing follows."""
    text = body.decode(errors="surrogateescape")
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return text[:end].encode(errors="surrogateescape") if end < len(text) else None


def _shallow(value: bytes, document: Any) -> Any:
    if _is_deeper(value, JSON_DEPTH_MAX):
        raise _too_deep()
    return document


def _is_deeper(value: bytes, levels: int) -> bool:
    """Tell whether arrays and objects are nested deeper, from the bytes of a JSON value.

    Taking away all empty brackets takes away one level, of a megabyte in a millisecond.
    """
    if value.count(b"[") + value.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", value).translate(_ALIKE, _OTHERS)
    for _ in range(levels):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _too_deep() -> Malformed:
    return Malformed.at("body", "http.json_too_deep", JSON_DEPTH_MAX)


def _not_json(error: Exception) -> Malformed:
    place = _PLACE.search(str(error))
    return Malformed.at("body", "http.not_json_at", int(place[1])) if place else Malformed.at("body", "http.not_json")

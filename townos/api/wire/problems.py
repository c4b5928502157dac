"""The one place where errors become replies: problem+json (RFC 9457) with scrubbed details."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import TypeAlias

import msgspec

from townos.api.http.replies import Reply, encoded
from townos.concurrency import sole_error
from townos.errors import FieldError, Internal, Invalid, Malformed, MethodNotAllowed, TownError, Unauthorized
from townos.i18n import Bytes, Seconds, Term
from townos.redaction import redact

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class TypedParam(msgspec.Struct, frozen=True):
    """A parameter that a reader sees in their own language. Exactly one of its fields is there."""

    bytes: int | msgspec.UnsetType = msgspec.UNSET
    seconds: float | msgspec.UnsetType = msgspec.UNSET
    term: "Message | msgspec.UnsetType" = msgspec.UNSET
    """A message within the message."""


Param: TypeAlias = str | float | bool | TypedParam | None
"""A parameter of a message."""


class Message(msgspec.Struct, frozen=True):
    """A sentence as data: the key of its text, and what the text's placeholders stand for, in their order.

    The key of a sentence that is in no catalogue is empty: its parameters, one after the other, are its text.
    """

    code: str
    params: list[Param]


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one input: its JSON path or question, and the sentence, also as data."""

    name: str
    error: str
    code: str
    params: list[Param]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is not a success."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: list[Param]
    validation_errors: list[FieldProblem] | msgspec.UnsetType = msgspec.UNSET


def expected(error: BaseException) -> TownError:
    """Return the error that is meant for the caller; what nobody foresaw is logged and told without its details."""
    cause = sole_error(error)
    if isinstance(cause, TownError):
        if cause.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request failed: %s", cause, exc_info=error)
        return cause
    log.error("request failed", exc_info=error)
    return Internal("http.internal")


def detail(error: TownError, locale: str = "en-US") -> str:
    """Return the sentence for a person, with secrets removed; it names the wrong inputs."""
    text = redact(error.text(locale))
    unnamed = [field.name for field in error.fields if field.name not in text]
    return f"{text}: {', '.join(unnamed)}" if unnamed else text


def message(term: Term) -> Message:
    """Return a term as it goes out, with secrets removed."""
    return Message(term.key, [_param(param) for param in term.params])


def _param(value: object) -> Param:
    match value:
        case Bytes():
            return TypedParam(bytes=value.count)
        case Seconds():
            return TypedParam(seconds=value.count)
        case Term():
            return TypedParam(term=message(value))
        case bool() | int() | float() | None:
            return value
        case _:
            return redact(str(value))


def problem(error: TownError, locale: str = "en-US") -> Reply:
    """Return the reply that tells `error`."""
    status = HTTPStatus(error.status)
    body = Problem(
        type=f"about:blank#{status.value}",
        title=status.phrase,
        status=status.value,
        detail=detail(error, locale),
        code=error.code,
        params=message(error.term).params,
        validation_errors=_validation_errors(error, locale),
    )
    return Reply(encoded(body), status=status.value, content_type=CONTENT_TYPE, headers=list(_headers(error)))


def _headers(error: TownError) -> Iterator[tuple[str, str]]:
    if error.retry_after is not None:
        yield "Retry-After", str(error.retry_after)
    if isinstance(error, MethodNotAllowed):
        yield "Allow", error.allow
    if isinstance(error, Unauthorized):
        yield "WWW-Authenticate", "Bearer"


def _validation_errors(error: TownError, locale: str) -> list[FieldProblem] | msgspec.UnsetType:
    if not error.fields and not isinstance(error, Invalid | Malformed):
        return msgspec.UNSET
    return [_field_problem(field, locale) for field in error.fields]


def _field_problem(field: FieldError, locale: str) -> FieldProblem:
    return FieldProblem(field.name, field.text(locale), field.code, message(field.term).params)

"""The one place where errors become replies: problem+json (RFC 9457) with scrubbed details."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from townos.api.http.replies import Reply, encoded
from townos.concurrency import sole_error
from townos.errors import FieldError, Internal, Invalid, Malformed, MethodNotAllowed, TownError, Unauthorized
from townos.i18n import Term, term_data
from townos.redaction import redact, redact_data

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


Param = str | int | float | dict[str, Any] | None
"""A parameter of a message: text, a number, `{"bytes": n}`, `{"seconds": n}` or `{"term": {"code", "params"}}`."""


class Message(msgspec.Struct, frozen=True):
    """A sentence as data: the key of its text, and what the text's placeholders stand for, in their order."""

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
    data = redact_data(term_data(term))
    return Message(data["code"], data["params"])


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

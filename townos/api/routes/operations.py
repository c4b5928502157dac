"""Routes of the operations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Self

import msgspec

from townos.api.call import Call
from townos.api.http.sse import EventStream, event, told
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.listing import Page, page
from townos.api.wire.problems import Message, message
from townos.api.wire.requests import ListQuery, Name, Request, Text, whole_number
from townos.errors import Malformed
from townos.operations import Operation, Operations, OperationState, StepState, StepStatus


class EventsQuery(Request):
    """Where to go on; the header `Last-Event-ID` says the same and comes first."""

    after: Text = ""


class ById(Request):
    """One operation."""

    id: Name = ""


class StepObject(msgspec.Struct, frozen=True):
    """A step as it goes out; `warnings`, and the same as data, only if there are any."""

    name: str
    state: StepState
    done: int | None
    total: int | None
    unit: str
    warnings: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    warning_details: tuple[Message, ...] | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, step: StepStatus, locale: str) -> Self:
        """Return the object of a step, with its warnings in a language."""
        warnings = step.messages
        return cls(
            step.name,
            step.state,
            step.done,
            step.total,
            step.unit,
            tuple(warning.text(locale) for warning in warnings) or msgspec.UNSET,
            tuple(map(message, warnings)) or msgspec.UNSET,
        )


class OperationObject(msgspec.Struct, frozen=True):
    """An operation as it goes out."""

    id: str
    kind: str
    repo: str
    name: str
    version: str
    state: OperationState
    step: str
    steps: tuple[StepObject, ...]
    error: str
    started_at: datetime
    ended_at: datetime | None
    error_detail: Message | msgspec.UnsetType = msgspec.UNSET
    """The error as data, only if there is one."""

    @classmethod
    def of(cls, operation: Operation, locale: str) -> Self:
        """Return the object of an operation, with its messages in a language."""
        return cls(
            id=operation.id,
            kind=operation.kind,
            repo=operation.subject.repo,
            name=operation.subject.name,
            version=operation.subject.version,
            state=operation.state,
            step=operation.step,
            steps=tuple(StepObject.of(step, locale) for step in operation.steps),
            error=operation.error.text(locale) if operation.error else "",
            started_at=operation.started_at,
            ended_at=operation.ended_at,
            error_detail=message(operation.error) if operation.error else msgspec.UNSET,
        )


def routes(operations: Operations) -> Routes:
    """Return the routes of this area."""

    async def listing(call: Call, query: ListQuery) -> Page[OperationObject]:
        return page([OperationObject.of(operation, call.locale) for operation in await operations.history()], query)

    async def events(call: Call, query: EventsQuery) -> EventStream:
        after = _sequence(call.last_event_id or query.after)
        return EventStream(_told(operations, after, call.locale))

    async def cancel(_: Call, body: ById) -> None:
        await operations.cancel(body.id)

    return (
        get("/operations", listing, Auth.SESSION),
        get("/operations/events", events, Auth.SESSION),
        post("/operations/cancel", cancel, Auth.ADMIN, audit="cancel_operation"),
    )


def _sequence(text: str) -> int | None:
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise Malformed.at("after", "operation.bad_cursor")
    return number


@asynccontextmanager
async def _told(operations: Operations, after: int | None, locale: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """Tell what there is and then each change."""
    async with operations.events(after) as watched:
        yield told(watched.next, partial(_event, locale=locale), greet=True)


def _event(operation: Operation, locale: str) -> bytes:
    data = msgspec.json.encode(OperationObject.of(operation, locale))
    return event(data, name="operation", identity=str(operation.sequence))

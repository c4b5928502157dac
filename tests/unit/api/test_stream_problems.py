"""A stream that cannot begin is refused like anything else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.http import USER, AppClient
from townos.api.call import Call
from townos.api.http.sse import EventStream
from townos.api.routing import Auth, get
from townos.errors import FieldError, Malformed, TownError, Unauthorized, Unavailable

ERRORS = [
    Malformed("journal.bad_cursor", fields=[FieldError("after", "journal.bad_cursor")]),
    Unavailable("boot.not_ready", "storage", retry_after=5),
    Unauthorized("auth.invalid_session"),
]


def client(error: TownError) -> AppClient:
    async def fail() -> AsyncIterator[bytes]:
        raise error

    @asynccontextmanager
    async def source() -> AsyncIterator[AsyncIterator[bytes]]:
        yield await fail()

    async def stream(_: Call) -> EventStream:
        return EventStream(source())

    async def answer(_: Call) -> None:
        raise error

    return AppClient((get("/stream", stream, Auth.SESSION), get("/answer", answer, Auth.SESSION)))


@pytest.mark.parametrize("error", ERRORS, ids=str)
async def test_a_stream_is_refused_with_the_headers_and_the_body_of_any_other_problem(error: TownError) -> None:
    at = client(error)
    headers = {**USER, "Origin": "http://localhost:3000", "Host": "localhost"}
    refused, expected = await at.get("/stream", headers), await at.get("/answer", headers)
    assert (refused.status, refused.headers, refused.body) == (expected.status, expected.headers, expected.body)
    assert refused.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert (refused.headers["x-content-type-options"], refused.headers["cache-control"]) == ("nosniff", "no-store")


async def test_a_stream_is_refused_in_the_language_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    at = client(ERRORS[0])
    at.locale = "de-DE"
    german = {"journal.bad_cursor": "dieser Platz ist nicht aus dem Journal"}
    monkeypatch.setattr("townos.i18n.catalogue._messages", lambda locale: german if locale == "de-DE" else {})
    refused = (await at.get("/stream", USER)).json
    assert [error["error"] for error in refused["validation_errors"]] == list(german.values())
    assert refused["detail"].startswith(german["journal.bad_cursor"])

"""Open streams end with the server, or with the session that they were asked for in."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from townos.api.http.sse import EventStream
from townos.api.http.streams import OpenStreams
from townos.limits import STREAM_SESSION_CHECK_SECONDS


@asynccontextmanager
async def nothing() -> AsyncIterator[AsyncIterator[bytes]]:
    async def never() -> AsyncIterator[bytes]:
        while True:
            await trio.sleep(3_600)
            yield b""

    yield never()


async def follow(streams: OpenStreams, session: str | None) -> None:
    stream = EventStream(nothing())
    stream.session = session
    with streams.until_ended(stream):
        await trio.sleep_forever()


@pytest.mark.conformance("SES-08")
async def test_a_stream_ends_soon_after_its_session_and_no_other_does(autojump_clock: MockClock) -> None:
    streams, good = OpenStreams(), {"ada", "bo"}
    over: list[str | None] = []

    async def alive(sessions: Collection[str]) -> frozenset[str]:
        assert set(sessions) <= {"ada", "bo"}
        return frozenset(good)

    async def followed(session: str | None) -> None:
        await follow(streams, session)
        over.append(session)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(streams.watch, alive)
        for session in ("ada", "bo", None):
            nursery.start_soon(followed, session)
        await trio.sleep(10 * STREAM_SESSION_CHECK_SECONDS)
        assert over == []
        good.discard("bo")
        await trio.sleep(2 * STREAM_SESSION_CHECK_SECONDS)
        assert over == ["bo"]
        nursery.cancel_scope.cancel()


async def test_the_end_of_the_server_ends_all_streams_and_those_to_come() -> None:
    streams = OpenStreams()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow, streams, "ada")
        nursery.start_soon(follow, streams, None)
        await trio.testing.wait_all_tasks_blocked()
        streams.end()
    await follow(streams, "bo")

"""Open streams end with the server, or with the session that they were asked for in."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from townos.api.http.sse import EventStream, Stream
from townos.api.http.streams import OpenStreams
from townos.errors import Unauthorized
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


async def test_a_download_is_cut_off_with_its_session(autojump_clock: MockClock) -> None:
    streams = OpenStreams()
    download = Stream(nothing(), content_type="application/gzip")
    download.session = "ada"

    async def none_alive(_: Collection[str]) -> frozenset[str]:
        return frozenset()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(streams.watch, none_alive)
        with pytest.raises(Unauthorized), streams.until_ended(download):
            await trio.sleep_forever()
        nursery.cancel_scope.cancel()
    assert trio.current_time() <= 2 * STREAM_SESSION_CHECK_SECONDS


async def test_a_download_may_finish_when_the_server_stops(autojump_clock: MockClock) -> None:
    streams = OpenStreams()
    with streams.until_ended(Stream(nothing(), content_type="application/gzip")):
        streams.end()
        await trio.sleep(1)
    assert trio.current_time() == pytest.approx(1)

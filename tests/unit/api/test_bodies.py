"""The bounded request body by itself."""

import pytest
import trio
import trio.testing

from townos.api.http.bodies import BoundedBody
from townos.errors import Malformed, TooLarge
from townos.limits import BODY_WINDOW_BYTES, JSON_BODY_TIMEOUT_SECONDS, UPLOAD_CHUNK_TIMEOUT_SECONDS

WINDOW = bytes(BODY_WINDOW_BYTES)


async def test_a_full_window_holds_up_the_sender_until_it_is_read() -> None:
    body = BoundedBody(None, 10 * BODY_WINDOW_BYTES)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(body.feed, WINDOW)
        await trio.testing.wait_all_tasks_blocked()
        assert nursery.child_tasks
        assert await anext(body) == WINDOW


async def test_a_sender_that_waits_is_freed_when_the_answer_is_on_its_way() -> None:
    """Else Hypercorn could not tell the end of the response, and the connection would hang."""
    body = BoundedBody(None, 10 * BODY_WINDOW_BYTES)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(body.feed, WINDOW)
        await trio.testing.wait_all_tasks_blocked()
        body.abandon()
    await body.feed(WINDOW)
    body.set_complete()
    assert await body.read() == b""


async def test_a_body_is_read_in_order() -> None:
    body = BoundedBody(None, 100)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fed, body, b"one ", b"", b"two ", b"three")
        assert await body.read() == b"one two three"


async def fed(body: BoundedBody, *parts: bytes) -> None:
    for part in parts:
        await trio.lowlevel.checkpoint()
        await body.feed(part)
    body.set_complete()


async def test_awaiting_a_body_reads_it_as_quart_expects() -> None:
    body = BoundedBody(None, 100)
    body.set_result(b"all")
    assert await body == b"all"


@pytest.mark.parametrize("announced", [11, None])
async def test_a_body_beyond_its_limit_is_too_large(announced: int | None) -> None:
    body = BoundedBody(announced, 10)
    body.set_result(b"" if announced else bytes(11))
    with pytest.raises(TooLarge, match="larger than 10 bytes"):
        await body.read()


async def test_the_limit_of_the_route_counts_even_if_it_is_set_later() -> None:
    body = BoundedBody(50, 10)
    body.limit = 50
    body.set_result(bytes(50))
    assert len(await body.read()) == 50


async def test_a_body_that_does_not_come_is_malformed(autojump_clock: trio.testing.MockClock) -> None:
    with pytest.raises(Malformed):
        await anext(BoundedBody(None, 10))
    assert trio.current_time() == pytest.approx(UPLOAD_CHUNK_TIMEOUT_SECONDS, abs=0.1)


async def test_a_body_that_trickles_is_malformed_too(autojump_clock: trio.testing.MockClock) -> None:
    body = BoundedBody(None, 1_000)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trickled, body)
        with pytest.raises(Malformed):
            await body.read()
        assert trio.current_time() == pytest.approx(JSON_BODY_TIMEOUT_SECONDS, abs=0.1)
        nursery.cancel_scope.cancel()


async def trickled(body: BoundedBody) -> None:
    while True:
        await trio.sleep(7)
        await body.feed(b"x")

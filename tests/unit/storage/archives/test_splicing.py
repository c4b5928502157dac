"""Bytes that go from pipe to pipe."""

import os
from collections.abc import AsyncIterator

import pytest
import trio
from trio.lowlevel import FdStream

from townos.storage.archives.decompression import splice

CONTENT = os.urandom(3_000_000)  # more than pipes hold


class Pipes:
    """Two pipes, and the streams at their four ends."""

    def __init__(self) -> None:
        (first_out, first_in), (second_out, second_in) = os.pipe(), os.pipe()
        self.writer, self.source = FdStream(first_in), FdStream(first_out)
        self.target, self.reader = FdStream(second_in), FdStream(second_out)

    async def write(self, content: bytes) -> None:
        async with self.writer:
            await self.writer.send_all(content)

    async def read(self, into: bytearray) -> None:
        async for piece in self.reader:
            into += piece


@pytest.fixture
async def pipes() -> AsyncIterator[Pipes]:
    pipes = Pipes()
    yield pipes
    for stream in (pipes.writer, pipes.source, pipes.target, pipes.reader):
        await stream.aclose()


async def test_so_many_bytes_pass_and_the_rest_stays(pipes: Pipes) -> None:
    came = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipes.write, CONTENT)
        nursery.start_soon(pipes.read, came)
        assert await splice(pipes.source, pipes.target, 2_000_001) == 2_000_001
        rest = b"".join([bytes(piece) async for piece in pipes.source])
        await pipes.target.aclose()
    assert (bytes(came), rest) == (CONTENT[:2_000_001], CONTENT[2_000_001:])


async def test_splicing_ends_at_the_end_of_the_source(pipes: Pipes) -> None:
    came = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipes.write, CONTENT)
        nursery.start_soon(pipes.read, came)
        assert await splice(pipes.source, pipes.target, 2**40) == len(CONTENT)
        await pipes.target.aclose()
    assert bytes(came) == CONTENT


async def test_a_missing_reader_is_told(pipes: Pipes) -> None:
    await pipes.reader.aclose()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipes.write, b"x")
        with pytest.raises(trio.BrokenResourceError):
            await splice(pipes.source, pipes.target, 1)


@pytest.mark.parametrize("full", [False, True])
async def test_waiting_for_either_side_can_be_cancelled(full: bool, pipes: Pipes) -> None:
    with trio.move_on_after(0) as scope:
        if full:
            os.set_blocking(pipes.target.fileno(), False)
            os.write(pipes.target.fileno(), bytes(65_536))
            os.write(pipes.writer.fileno(), b"x")
        await splice(pipes.source, pipes.target, 1)
    assert scope.cancelled_caught

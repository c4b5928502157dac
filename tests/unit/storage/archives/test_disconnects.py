"""Uploads and downloads over real connections that end too early."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.support.archive_appliance import (
    BOUNDARY,
    DATA,
    NGINX,
    PHOTOS,
    ArchiveAppliance,
    Hesitant,
    form,
    open_appliance,
)
from tests.support.archives import COMPRESSED, member, packed
from tests.support.http import Server, head, serving
from tests.support.processes import children

pytestmark = pytest.mark.slow

ME = (os.getuid(), os.getgid())
AUTHORIZED = b"Host: localhost\r\nAuthorization: Bearer admin-token\r\n"
LARGE = packed(member("large", os.urandom(900_000), owner=ME))


@asynccontextmanager
async def served(appliance: ArchiveAppliance) -> AsyncIterator[Server]:
    async with serving(appliance.client.app) as server:
        yield server


def upload_request(body: bytes, length: int | None = None) -> bytes:
    content_type = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n".encode()
    return (
        b"POST /storage/upload-archive HTTP/1.1\r\n" + AUTHORIZED + content_type
        + b"Content-Length: %d\r\n\r\n" % (length or len(body)) + body
    )  # fmt: skip


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    with trio.fail_after(20):
        while not await happened():
            await trio.sleep(0.01)


@pytest.mark.conformance("ARC-03")
async def test_an_upload_comes_in_over_a_connection(appliance: ArchiveAppliance) -> None:
    body = form({"subvolume": "photos"}, "a.tgz", COMPRESSED["files.tgz"](LARGE))
    async with served(appliance) as server, await server.connect() as stream:
        await stream.send_all(upload_request(body))
        first, _ = await head(stream)
    assert first.startswith(b"HTTP/1.1 200")
    assert len(appliance.files()["large"]) == 900_000


@pytest.mark.conformance("ARC-04")
async def test_a_client_that_leaves_in_the_middle_has_changed_nothing_and_no_child_is_left(
    appliance: ArchiveAppliance,
) -> None:
    body = form({"subvolume": str(DATA), "stop_service": NGINX.unit}, "a.tgz", COMPRESSED["files.tgz"](LARGE))

    async def unpacking() -> bool:
        return len(children()) == 2

    async def audited() -> bool:
        return bool(appliance.client.audit)

    async with served(appliance) as server:
        stream = await server.connect()
        await stream.send_all(upload_request(body[: len(body) // 2], len(body)))
        await until(unpacking)
        await stream.aclose()
        await until(audited)
    (entry,) = appliance.client.audit
    assert (entry.success, entry.error.partition(":")[0]) == (False, "cancelled before its end")
    assert appliance.files(DATA) == {"index.html": b"hello"}
    assert appliance.systemd.changes_of(NGINX.unit) == []
    assert children() == []


async def test_a_client_that_leaves_when_all_has_come_cancels_nothing(tmp_path: Path) -> None:
    systemd = Hesitant()
    body = form({"subvolume": str(DATA), "stop_service": NGINX.unit}, "a.tar", LARGE)
    async with open_appliance(tmp_path, systemd=systemd) as appliance:

        async def audited() -> bool:
            return bool(appliance.client.audit)

        async with served(appliance) as server:
            async with await server.connect() as stream:
                await stream.send_all(upload_request(body))
                await systemd.stopping.wait()
            # By the time that another one has its answer, the server knows that this client has gone.
            assert await server.exchange(b"GET /openapi.json HTTP/1.1\r\nConnection: close\r\n" + AUTHORIZED + b"\r\n")
            assert not await audited()
            systemd.stopped.set()
            await until(audited)
        (entry,) = appliance.client.audit
        assert (entry.action, entry.success) == ("upload archive", True)
        assert len(appliance.files(DATA)["large"]) == 900_000


async def test_a_refusal_reaches_a_client_that_is_still_sending(appliance: ArchiveAppliance) -> None:
    body = form({"subvolume": "photos"}, "a.tar", packed(member("../x")) + bytes(900_000))
    async with served(appliance) as server, await server.connect() as stream:
        await stream.send_all(upload_request(body))
        first, _ = await head(stream)
    assert first.startswith(b"HTTP/1.1 422")


async def test_a_reader_that_leaves_a_download_leaves_no_child(appliance: ArchiveAppliance) -> None:
    (appliance.volumes.location(PHOTOS) / "large").write_bytes(os.urandom(20_000_000))
    body = b'{"subvolume": "photos"}'

    async def packing() -> bool:
        return bool(children())

    async def over() -> bool:
        return not children()

    async with served(appliance) as server:
        stream = await server.connect()
        request = b"POST /storage/download-archive HTTP/1.1\r\n" + AUTHORIZED
        await stream.send_all(request + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await until(packing)
        first, _ = await head(stream)
        assert first.startswith(b"HTTP/1.1 200")
        await stream.aclose()
        await until(over)

"""Operations over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from tests.support.http import ADMIN, USER, AppClient, head, serving
from townos.api.routes.operations import routes
from townos.operations import Operations, Subject
from townos.testing.operations import Script, running_operations

NGINX = Subject("core", "nginx", "1.0")
REDIS = Subject("core", "redis", "7")
IDENTIFIER = "b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f01"


@pytest.fixture
def script() -> Script:
    return Script("pull", "start")


@pytest.fixture
async def operations(tmp_path: Path, script: Script) -> AsyncIterator[Operations]:
    async with running_operations(tmp_path / "system.db", script.kind) as operations:
        yield operations


@pytest.fixture
def client(operations: Operations) -> AppClient:
    return AppClient(routes(operations))


async def test_the_list_has_all_fields_and_the_newest_first(client: AppClient, operations: Operations) -> None:
    await operations.run("install", REDIS, {})
    await operations.run("install", NGINX, {}, operation_id=IDENTIFIER)
    answer = await client.get("/operations", USER)
    assert [entry["name"] for entry in answer.json["entries"]] == ["nginx", "redis"]
    step = {"state": "succeeded", "done": None, "total": None, "unit": "things"}
    assert answer.json["entries"][0] == {
        "id": IDENTIFIER,
        "kind": "install",
        "repo": "core",
        "name": "nginx",
        "version": "1.0",
        "state": "succeeded",
        "step": "start",
        "steps": [{"name": "pull", **step}, {"name": "start", **step}],
        "error": "",
        "started_at": "2026-01-01T00:00:00Z",
        "ended_at": "2026-01-01T00:00:00Z",
    }


async def test_the_list_is_searched_and_paged(client: AppClient, operations: Operations) -> None:
    await operations.run("install", REDIS, {})
    await operations.run("install", NGINX, {})
    assert (await client.get("/operations?search=red", USER)).json["total_count"] == 1
    assert (await client.get("/operations?limit=1&offset=1", USER)).json["entries"][0]["name"] == "redis"


async def test_an_administrator_cancels(client: AppClient, operations: Operations, script: Script) -> None:
    script.gates["start"] = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(until_cancelled, operations)
        await script.begun.wait()
        assert (await client.post("/operations/cancel", {"id": IDENTIFIER}, USER)).status == 403
        answer = await client.post("/operations/cancel", {"id": IDENTIFIER}, ADMIN)
        assert (answer.status, answer.body) == (200, b"")
    assert script.marks == []
    assert (await client.post("/operations/cancel", {"id": IDENTIFIER}, ADMIN)).status == 409


async def until_cancelled(operations: Operations) -> None:
    with pytest.raises(Exception, match="was cancelled"):
        await operations.run("install", NGINX, {}, operation_id=IDENTIFIER)


@pytest.mark.parametrize("identifier", ["", "x", "b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f02"])
async def test_an_unknown_operation_is_not_found(client: AppClient, identifier: str) -> None:
    assert (await client.post("/operations/cancel", {"id": identifier}, ADMIN)).status == 404


async def test_strangers_are_told_nothing(client: AppClient) -> None:
    assert (await client.get("/operations")).status == 401
    assert (await client.get("/operations/events")).status == 401


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "9" * 30, "²"])
async def test_a_malformed_cursor_is_refused(client: AppClient, cursor: str) -> None:
    assert (await client.get("/operations/events?after=" + cursor, USER)).status == 400


class Watcher:
    """A client of the event stream on a real connection."""

    def __init__(self, stream: trio.SocketStream, rest: bytes) -> None:
        self._stream = stream
        self._received = rest

    async def line(self) -> str:
        while b"\n" not in self._received:
            chunk = await self._stream.receive_some()
            assert chunk, "the server has closed the connection"
            self._received += bytes(chunk)
        line, _, self._received = self._received.partition(b"\n")
        return line.decode().rstrip("\r")

    async def event(self) -> dict[str, Any]:
        """Return the fields of the next event; comments and the frames of the transfer encoding are passed over."""
        fields: dict[str, Any] = {}
        while "data" not in fields or "id" not in fields:
            name, colon, value = (await self.line()).partition(": ")
            if colon and name in {"event", "id", "data"}:
                fields[name] = msgspec.json.decode(value) if name == "data" else value
        return fields


async def watch(stream: trio.SocketStream, *headers: str) -> Watcher:
    lines = ("GET /operations/events HTTP/1.1", "Host: localhost", "Authorization: Bearer user-token", *headers)
    await stream.send_all("\r\n".join((*lines, "", "")).encode())
    answer, rest = await head(stream)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"text/event-stream" in answer
    return Watcher(stream, rest)


async def test_watchers_hear_running_operations_and_each_change(
    client: AppClient, operations: Operations, script: Script
) -> None:
    script.gates["start"] = trio.Event()
    async with serving(client.app) as server, await server.connect() as stream, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, {})
        await script.begun.wait()
        watcher = await watch(stream)
        first = await watcher.event()
        assert first["event"] == "operation"
        assert (first["data"]["state"], first["data"]["step"]) == ("running", "start")
        script.gates["start"].set()
        last = await watcher.event()
        while last["data"]["state"] == "running":
            last = await watcher.event()
        assert last["data"]["state"] == "succeeded"
        assert int(last["id"]) > int(first["id"])


async def test_a_watcher_comes_back_with_the_last_id(client: AppClient, operations: Operations) -> None:
    async with serving(client.app) as server:
        async with await server.connect() as stream:
            watcher = await watch(stream)
            assert await watcher.line() is not None
            await operations.run("install", REDIS, {})
            seen = await watcher.event()
            while seen["data"]["state"] != "succeeded":
                seen = await watcher.event()
        await operations.run("install", NGINX, {})
        async with await server.connect() as stream:
            missed = await (await watch(stream, f"Last-Event-ID: {seen['id']}")).event()
    assert (missed["data"]["name"], missed["data"]["state"]) == ("nginx", "succeeded")


async def test_an_idle_stream_is_kept_alive_by_comments(client: AppClient) -> None:
    async with serving(client.app) as server, await server.connect() as stream:
        watcher = await watch(stream)
        comments = 0
        while comments < 2:
            comments += await watcher.line() == ":"

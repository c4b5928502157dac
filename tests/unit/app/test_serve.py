"""A part of the appliance that fails ends nothing else, is tried again, and shows as degraded."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.support.waiting import wait_until
from townos.api.http.server import bind
from townos.app.build import Appliance
from townos.app.http import application
from townos.app.notify import Notifier
from townos.app.serve import run, supervised
from townos.operations import Operations
from townos.testing.appliance import TestAppliance, open_appliance


@asynccontextmanager
async def running(appliance: TestAppliance) -> AsyncIterator[int]:
    """Run it; give the port on which its HTTP interface answers."""
    (listener,) = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    stop = trio.Event()
    appliance.host.repositories.mkdir()  # as opening the repositories at boot does
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, appliance.appliance, [listener], Notifier({}), stop)
        yield port
        stop.set()


async def ping(port: int) -> bytes:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(b"GET /status/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b"".join([bytes(chunk) async for chunk in stream])


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]  # what comes before it has the time


def fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError("no luck")


Break = Callable[[Appliance, pytest.MonkeyPatch], None]


def broken_operations(appliance: Appliance, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(appliance.core.operations, "serve", fails)


def broken_boot(appliance: Appliance, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(appliance.core.boot, "run", fails)


def broken_stream_watch(_: Appliance, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("townos.api.http.streams.OpenStreams.watch", fails)


def broken_watchdog(_: Appliance, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Notifier, "serve_watchdog", fails)


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("operations", broken_operations),
        ("boot", broken_boot),
        ("open streams", broken_stream_watch),
        ("watchdog", broken_watchdog),
    ],
)
async def test_a_root_task_that_fails_ends_nothing_else(
    appliance: TestAppliance, monkeypatch: pytest.MonkeyPatch, name: str, broken: Break
) -> None:
    broken(appliance.appliance, monkeypatch)
    async with running(appliance) as port:
        answer = await ping(port)
        await wait_until(lambda: name in appliance.appliance.core.supervisor.degraded)
        later = await ping(port)
    assert answer.startswith(b"HTTP/1.1 200")
    assert later.startswith(b"HTTP/1.1 200")
    assert body(later) == body(answer)
    assert set(appliance.appliance.core.supervisor.degraded) == {name}


async def fail_after_start(operations: Operations) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(operations.serve)
        raise RuntimeError("no luck")


async def test_operations_that_failed_once_run_again(tmp_path: Path) -> None:
    async with open_appliance(tmp_path) as appliance:
        operations = appliance.appliance.core.operations
        with pytest.raises(BaseExceptionGroup):
            await fail_after_start(operations)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(operations.serve)
            await operations.wait_serving()
            nursery.cancel_scope.cancel()


async def break_database(appliance: TestAppliance) -> None:
    async with running(appliance) as port:
        await ping(port)
        appliance.database._broken.set()
        await trio.sleep_forever()


async def test_a_database_that_breaks_ends_the_process(appliance: TestAppliance) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        await break_database(appliance)
    assert caught.group_contains(Exception, match="database")


async def test_everything_but_http_and_the_database_is_supervised(appliance: TestAppliance) -> None:
    app = application(appliance.appliance)
    assert set(supervised(appliance.appliance, app, Notifier({}))) == {
        "operations", "boot", "open streams", "watchdog",
        "sessions", "external address", "repositories", "disk images", "space",
    }  # fmt: skip

"""A part of the appliance that fails ends nothing else and shows as degraded; a stop ends all parts in time."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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
from townos.errors import Unavailable
from townos.limits import RESTART_BACKOFF_FIRST_SECONDS
from townos.operations import Operations, OperationState, Subject
from townos.testing.appliance import TestAppliance
from townos.testing.operations import Script


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


@dataclass(slots=True)
class FailingOnce:
    """Operations that run, but the first time only until `broken` is set."""

    operations: Operations
    broken: trio.Event = field(default_factory=trio.Event)

    async def serve(self) -> None:
        if self.broken.is_set():
            return await self.operations.serve()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.operations.serve)
            await self.broken.wait()
            raise RuntimeError("no luck")


async def test_operations_that_fail_go_on_with_what_they_were_doing(appliance: TestAppliance) -> None:
    core, clock, script = appliance.appliance.core, appliance.host.clock, Script("make", kind="work")
    failing, script.gates["make"] = FailingOnce(core.operations), trio.Event()
    core.operations.register(script.kind)
    async with trio.open_nursery() as nursery:
        core.supervisor.start(nursery, "operations", failing.serve)
        await core.operations.wait_serving()
        begun = await core.operations.begin("work", Subject("core", "web", "1.0"), {})
        await script.begun.wait()
        failing.broken.set()
        with pytest.raises(Unavailable):
            await begun.outcome()
        script.gates["make"].set()
        await wait_until(lambda: "operations" in core.supervisor.degraded)
        clock.advance(RESTART_BACKOFF_FIRST_SECONDS)
        await core.operations.wait_serving()
        while (await core.operations.history())[0].state is not OperationState.SUCCEEDED:
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert script.marks == ["make"]


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


HANGING = """
import sys
from townos import cli, limits
limits.SHUTDOWN_MAX_SECONDS = 1.0
cli.run(sys.argv[1:])
"""


def hanging_process(directory: Path) -> subprocess.Popen[bytes]:
    """Start the program with a list of repositories that is a FIFO: who reads it waits for as long as it is open."""
    (directory / "repos").mkdir()
    os.mkfifo(directory / "repos" / "repositories.json")
    places = {"db": "db/system.db", "btrfs": "disk", "repo-dir": "repos", "network-state": "net", "unit-dir": "units"}
    flags = [word for flag, path in places.items() for word in (f"-{flag}", str(directory / path))]
    argv = [sys.executable, "-c", HANGING, "serve", "-listen", "127.0.0.1:0", *flags]
    return subprocess.Popen(argv, stderr=subprocess.PIPE, env={**os.environ, "LOG_LEVEL": "warn"})


def test_a_thread_that_hangs_does_not_keep_the_process_from_ending(tmp_path: Path) -> None:
    process = hanging_process(tmp_path)
    with (tmp_path / "repos" / "repositories.json").open("wb"):  # returns once a thread opens it to read
        process.terminate()
        _, said = process.communicate(timeout=30)
    told = said.decode()
    assert process.returncode == 1
    assert "Timeout" in told
    assert "repositories/file.py" in told

"""What watchers of operations are told."""

from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from townos.errors import Unavailable
from townos.limits import OPERATION_EVENTS_PENDING_MAX, OPERATION_PROGRESS_INTERVAL_SECONDS
from townos.operations import OperationState, StepState, Subject
from townos.operations.feed import Feed
from townos.testing.clock import FakeClock
from townos.testing.operations import Script, dying, resumed, running_operations

NGINX = Subject("core", "nginx", "1.0")


async def test_each_change_is_told_in_order(path: Path) -> None:
    script = Script("create", "start")
    async with running_operations(path, script.kind) as operations, operations.events() as events:
        await operations.run("install", NGINX, {})
        told = await events.next()
    assert [(o.state.value, *(s.state.value for s in o.steps)) for o in told] == [
        ("queued", "pending", "pending"),
        ("running", "running", "pending"),
        ("running", "succeeded", "pending"),
        ("running", "succeeded", "running"),
        ("running", "succeeded", "succeeded"),
        ("succeeded", "succeeded", "succeeded"),
    ]
    sequences = [o.sequence for o in told]
    assert sequences == sorted(set(sequences))


async def test_running_operations_are_told_first(path: Path) -> None:
    script = Script("create")
    script.gates["create"] = trio.Event()
    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, {})
        await script.begun.wait()
        async with operations.events() as events:
            (first,) = await events.next()
            script.gates["create"].set()
            while (last := (await events.next())[-1]).state is OperationState.RUNNING:
                pass
    assert (first.state, first.steps[0].state) == (OperationState.RUNNING, StepState.RUNNING)
    assert last.state is OperationState.SUCCEEDED


async def test_a_watcher_that_comes_back_misses_nothing_and_hears_nothing_twice(path: Path) -> None:
    script = Script("create")
    async with running_operations(path, script.kind) as operations:
        await operations.run("install", NGINX, {})
        async with operations.events() as events:
            await operations.run("install", Subject("core", "a", "1"), {})
            seen = (await events.next())[-1]
        await operations.run("install", Subject("core", "b", "1"), {})
        async with operations.events(seen.sequence) as events:
            assert [(o.subject.name, o.state) for o in await events.next()] == [("b", OperationState.SUCCEEDED)]


async def test_the_sequence_goes_on_after_a_restart(path: Path) -> None:
    script = Script("create")
    script.gates["create"] = trio.Event()
    script.outcomes["do create"].append("die")
    seen = []
    with dying():
        async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
            nursery.start_soon(operations.run, "install", NGINX, {})
            await script.begun.wait()
            async with operations.events() as events:
                seen += await events.next()
            script.gates["create"].set()
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        async with operations.events(seen[-1].sequence) as events:
            (told,) = await events.next()
    assert told.state is OperationState.SUCCEEDED


async def test_progress_is_rate_limited_but_the_last_value_is_always_sent(path: Path) -> None:
    script = Script("pull")
    script.gates["pull"] = trio.Event()
    script.progress["pull"] = [(1, None), (2, 5), (3, 5)]
    clock = FakeClock()
    async with running_operations(path, script.kind, clock=clock) as operations, trio.open_nursery() as nursery:
        async with operations.events() as events:
            nursery.start_soon(operations.run, "install", NGINX, {})
            counts: list[int | None] = []
            while not counts or counts[-1] is None:
                counts += [o.steps[0].done for o in await events.next()]
            assert counts[-1] == 3
            await wait_all_tasks_blocked()
            clock.advance(OPERATION_PROGRESS_INTERVAL_SECONDS)
        assert (await operations.history())[0].steps[0].total == 5
        assert (await operations.history())[0].steps[0].unit == "things"
        script.gates["pull"].set()


async def test_warnings_of_a_step_are_kept_without_secrets(path: Path) -> None:
    script = Script("seed", "start")
    script.warnings["seed"] = ["the clone failed", "password=hunter2"]
    async with running_operations(path, script.kind) as operations:
        ended = await operations.run("install", NGINX, {})
        assert tuple(map(str, ended.steps[0].messages)) == ("the clone failed", "password[REDACTED]")
        assert ended.steps[1].warnings == ()
        assert (await operations.history())[0].steps == ended.steps


async def test_a_step_that_runs_again_after_a_crash_warns_anew(path: Path) -> None:
    script = Script("seed")
    script.warnings["seed"] = ["the clone failed"]
    script.outcomes["do seed"].append("die")
    with dying():
        async with running_operations(path, script.kind) as operations:
            await operations.run("install", NGINX, {})
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert tuple(map(str, (await operations.history())[0].steps[0].messages)) == ("the clone failed",)


async def test_a_slow_watcher_keeps_the_latest_moment_of_each_operation(path: Path) -> None:
    script = Script("create")
    async with running_operations(path, script.kind) as operations:
        done = await operations.run("install", NGINX, {})
        feed = Feed()
        with feed.subscribe() as slow:
            for number in range(OPERATION_EVENTS_PENDING_MAX * 3):
                feed.publish(replace(done, sequence=number))
            told = await slow.next()
    assert len(told) <= OPERATION_EVENTS_PENDING_MAX
    assert told[-1].sequence == OPERATION_EVENTS_PENDING_MAX * 3 - 1


def test_the_number_of_watchers_is_limited() -> None:
    feed = Feed(watchers_max=2)
    for _ in range(2):
        with feed.subscribe(), feed.subscribe():
            with pytest.raises(Unavailable) as refused, feed.subscribe():
                pass
            assert refused.value.retry_after

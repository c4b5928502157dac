"""Operations end whole or leave nothing."""

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
import trio

from tests.support.waiting import wait_until
from townos.errors import Conflict, Foreign, Invalid, NoSpace, NotFound, TownError, Unavailable
from townos.operations import (
    CrashPoint,
    Operation,
    Operations,
    OperationState,
    Plan,
    Progress,
    Step,
    StepState,
    Subject,
    nothing,
)
from townos.operations.kinds import Kind
from townos.testing.operations import Script, dying, resumed, running_operations

NGINX = Subject("core", "nginx", "1.0")
REDIS = Subject("core", "redis", "1.0")
STEPS = ("create", "copy", "start")


@pytest.fixture
def script() -> Script:
    return Script(*STEPS)


async def test_a_started_operation_is_recorded_and_claims_its_plan_until_it_ends(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    async with running_operations(path, script.kind) as operations:
        begun = await operations.begin("install", NGINX, {"what": "it"})
        assert await operations.plans("install") == [{"what": "it"}]
        assert await operations.plans("upgrade") == []
        before = begun.unfinished
        script.gates["copy"].set()
        assert (await begun.outcome()).state is OperationState.SUCCEEDED
        assert (before, begun.unfinished) == (True, False)
        assert await operations.plans("install") == []


async def test_an_operation_that_cannot_be_planned_has_not_begun(path: Path, script: Script) -> None:
    async def planner() -> dict[str, str]:
        raise Conflict("operation.ended", "x")

    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Conflict):
            await operations.begin("install", NGINX, planner)
        assert await operations.history() == []


async def test_an_operation_that_the_end_of_the_process_interrupts_is_unfinished(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    async with running_operations(path, script.kind) as operations:
        begun = await operations.begin("install", NGINX, {"what": "it"})
        await script.begun.wait()
    assert begun.unfinished
    with pytest.raises(Unavailable):
        await begun.outcome()


async def test_the_plan_of_a_failed_rollback_is_kept_for_the_next_start(path: Path, script: Script) -> None:
    script.outcomes["do copy"].append("fail")
    script.outcomes["undo create"].append("fail")
    async with running_operations(path, script.kind) as operations:
        begun = await operations.begin("install", NGINX, {"what": "it"})
        with pytest.raises(Invalid):
            await begun.outcome()
        assert begun.unfinished
        assert await operations.plans("install") == [{"what": "it"}]


def states(operation: Operation) -> list[StepState]:
    return [status.state for status in operation.steps]


async def latest(operations: Operations) -> Operation:
    return (await operations.history())[0]


async def test_steps_run_in_order_and_the_plan_arrives(path: Path, script: Script) -> None:
    async with running_operations(path, script.kind) as operations:
        ended = await operations.run("install", NGINX, {"answers": {"port": "8080"}, "name": NGINX.name})
    assert script.calls == ["do create", "do copy", "do start"]
    assert script.plans == [{"answers": {"port": "8080"}, "name": "nginx"}]
    assert ended.state is OperationState.SUCCEEDED
    assert states(ended) == [StepState.SUCCEEDED] * 3
    assert (ended.subject, ended.error) == (NGINX, None)
    assert ended.ended_at is not None


@pytest.mark.parametrize("failing", STEPS)
@pytest.mark.parametrize("outcome", ["fail", "fail after"])
async def test_a_failed_step_rolls_back_itself_and_the_steps_before_it(
    path: Path, script: Script, failing: str, outcome: str
) -> None:
    script.outcomes[f"do {failing}"].append(outcome)  # type: ignore[arg-type]
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid, match=f"{failing} failed: Failure: do {failing}"):
            await operations.run("install", NGINX, {})
        undone = await latest(operations)
    begun = STEPS[: STEPS.index(failing) + 1]
    assert script.calls == [f"do {name}" for name in begun] + [f"undo {name}" for name in reversed(begun)]
    assert script.marks == []
    assert undone.state is OperationState.UNDONE
    assert undone.step == failing
    assert "Failure" in str(undone.error)


@pytest.mark.parametrize("kind_of_error", [Foreign, NoSpace])
async def test_a_foreign_failure_and_a_full_disk_keep_their_kind(path: Path, kind_of_error: type[TownError]) -> None:
    async def fail(_: Progress) -> None:
        raise kind_of_error("repository.unreachable", "example.org")

    kind = Kind("install", lambda *_: [Step("pull", fail, nothing)])
    async with running_operations(path, kind) as operations:
        with pytest.raises(kind_of_error, match="pull failed"):
            await operations.run("install", NGINX, {})


async def test_the_only_error_of_a_group_is_told_as_itself(path: Path) -> None:
    async def fail(_: Progress) -> None:
        async with trio.open_nursery():
            raise Foreign("repository.unreachable")

    kind = Kind("install", lambda *_: [Step("pull", fail, nothing)])
    async with running_operations(path, kind) as operations:
        with pytest.raises(Foreign, match="pull failed"):
            await operations.run("install", NGINX, {})


@pytest.mark.parametrize("no_return", [None, "pull"])
@pytest.mark.parametrize("undone", [True, False])
async def test_an_error_message_holds_no_secrets(path: Path, undone: bool, no_return: str | None) -> None:
    secrets = "cannot reach https://bob:hunter2@db password=hunter2"

    async def fail(_: Progress) -> None:
        raise Invalid("install.did_not_start", "web", secrets)

    async def fail_to_undo() -> None:
        raise OSError(secrets)

    kind = Kind("install", lambda *_: [Step("pull", fail, nothing if undone else fail_to_undo)], no_return)
    async with running_operations(path, kind) as operations, operations.events() as watched:
        with pytest.raises(Invalid, match="pull failed") as caught:
            await operations.run("install", NGINX, {})
        told = [operation.error for operation in await watched.next()] + [(await latest(operations)).error]
    assert "hunter2" not in str(caught.value)
    assert not any("hunter2" in str(error) for error in told)
    assert "https://[REDACTED]@db" in str(told[-1])
    assert not any(b"hunter2" in file.read_bytes() for file in path.parent.iterdir())


async def test_a_planner_that_fails_records_nothing(path: Path, script: Script) -> None:
    async def planner() -> Plan:
        raise Conflict("operation.duplicate", "port")

    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Conflict):
            await operations.run("install", NGINX, planner)
        assert await operations.history() == []
        await operations.run("install", NGINX, {})


async def test_a_planner_sees_the_plans_of_others(path: Path, script: Script) -> None:
    script.gates["create"] = trio.Event()
    seen: list[list[Plan]] = []

    async def planner() -> Plan:
        seen.append([claim.plan for claim in operations.claims()])
        return {"port": 8080}

    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, planner)
        await script.begun.wait()
        nursery.start_soon(operations.run, "install", REDIS, planner)
        await wait_until(lambda: len(seen) == 2)
        script.gates["create"].set()
    assert seen == [[], [{"port": 8080}]]


async def test_a_second_operation_on_the_same_subject_is_refused(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, {})
        await script.begun.wait()
        with pytest.raises(Conflict, match="core/nginx is busy: install is running"):
            await operations.run("install", Subject("core", "nginx", "2.0"), {})
        script.gates["copy"].set()


async def test_different_subjects_run_side_by_side(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    other = Script("write", kind="other")
    async with running_operations(path, script.kind, other.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, {})
        await script.begun.wait()
        await operations.run("other", REDIS, {})
        script.gates["copy"].set()
    assert other.marks == ["write"]


async def test_operations_beyond_the_limit_are_queued(path: Path, script: Script) -> None:
    script.gates["create"] = trio.Event()
    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        await start_four(operations, nursery)
        script.gates["create"].set()
    assert script.calls.count("do start") == 4


async def start_four(operations: Operations, nursery: trio.Nursery) -> str:
    """Start one more than may run at once; return the id of the one that waits."""
    async with operations.events() as events:
        for number in range(4):
            nursery.start_soon(run_or_be_cancelled, operations, Subject("core", f"p{number}", "1"))
        states: dict[str, str] = {}
        while sorted(states.values()) != ["queued", "running", "running", "running"]:
            states |= {operation.id: operation.state for operation in await events.next()}
    return next(identifier for identifier, state in states.items() if state == "queued")


async def test_a_caller_that_hangs_up_cancels_nothing(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    async with running_operations(path, script.kind) as operations:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(operations.run, "install", NGINX, {})
            await script.begun.wait()
            nursery.cancel_scope.cancel()
        async with operations.events() as events:
            script.gates["copy"].set()
            while (await events.next())[-1].state is not OperationState.SUCCEEDED:
                pass
    assert script.marks == list(STEPS)


async def test_cancel_undoes_and_answers_once_undone(path: Path, script: Script) -> None:
    script.gates["copy"] = trio.Event()
    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        identifier = "b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f01"
        nursery.start_soon(refused, operations, identifier)
        await script.begun.wait()
        await operations.cancel(identifier)
        assert script.marks == []
        cancelled = await latest(operations)
        assert (cancelled.state, cancelled.error) == (OperationState.CANCELLED, None)
        with pytest.raises(Conflict, match="already ended"):
            await operations.cancel(identifier)
    assert script.calls == ["do create", "undo copy", "undo create"]


async def refused(operations: Operations, identifier: str) -> None:
    with pytest.raises(Conflict, match="was cancelled"):
        await operations.run("install", NGINX, {}, operation_id=identifier)


async def test_cancelling_a_queued_operation_runs_no_step(path: Path, script: Script) -> None:
    script.gates["create"] = trio.Event()
    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        waiting = await start_four(operations, nursery)
        await operations.cancel(waiting)
        script.gates["create"].set()
    assert script.calls.count("do create") == 3
    assert not [call for call in script.calls if call.startswith("undo")]


async def run_or_be_cancelled(operations: Operations, subject: Subject) -> None:
    with suppress(Conflict):
        await operations.run("install", subject, {})


async def test_cancelling_an_unknown_operation_is_not_found(path: Path) -> None:
    async with running_operations(path) as operations:
        with pytest.raises(NotFound):
            await operations.cancel("b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f01")


async def test_nothing_is_cancelled_or_rolled_back_beyond_the_point_of_no_return(path: Path) -> None:
    script = Script(*STEPS, kind="uninstall", no_return="copy")
    script.gates["copy"] = trio.Event()
    script.outcomes["do start"].append("fail")
    identifier = "b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f01"

    async def run() -> None:
        with pytest.raises(Invalid, match="at the next start"):
            await operations.run("uninstall", NGINX, {}, operation_id=identifier)

    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await script.begun.wait()
        with pytest.raises(Conflict, match="can no longer be cancelled"):
            await operations.cancel(identifier)
        script.gates["copy"].set()
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.SUCCEEDED
    assert script.calls == ["do create", "do copy", "do start", "do start"]


async def test_a_failure_before_the_point_of_no_return_is_rolled_back(path: Path) -> None:
    script = Script(*STEPS, kind="uninstall", no_return="start")
    script.outcomes["do copy"].append("fail")
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid, match="copy failed"):
            await operations.run("uninstall", NGINX, {})
    assert script.marks == []


async def test_a_failed_undo_is_reported_and_tried_again_at_the_next_start(path: Path, script: Script) -> None:
    script.outcomes["do start"].append("fail")
    script.outcomes["undo copy"].append("fail")
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid, match=r"the rollback is incomplete.*copy: Failure"):
            await operations.run("install", NGINX, {})
        assert (await latest(operations)).state is OperationState.FAILED
    assert script.marks == ["copy"]
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        undone = await latest(operations)
    assert script.marks == []
    assert undone.state is OperationState.UNDONE
    assert script.calls[-1:] == ["undo copy"]


async def test_an_undo_waits_for_the_undos_that_it_names(path: Path, script: Script) -> None:
    script.undo_after["create"] = frozenset({"copy"})
    script.outcomes["do start"].append("fail")
    script.outcomes["undo copy"].extend(["fail", "fail"])
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid, match="copy: Failure"):
            await operations.run("install", NGINX, {})
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
    assert script.marks == ["create", "copy"]
    assert "undo create" not in script.calls
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.UNDONE
    assert script.calls[-2:] == ["undo copy", "undo create"]
    assert script.marks == []


async def test_a_newer_operation_takes_over_a_failed_one(path: Path, script: Script) -> None:
    script.outcomes["do start"].append("fail")
    script.outcomes["undo copy"].append("fail")
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid):
            await operations.run("install", NGINX, {})
        await operations.run("install", NGINX, {})
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert [o.state for o in await operations.history()] == [OperationState.SUCCEEDED, OperationState.FAILED]
    assert sorted(script.marks) == sorted(STEPS)


async def test_a_failed_operation_is_given_up_after_some_starts(path: Path, script: Script) -> None:
    script.outcomes["do create"].append("fail")
    script.outcomes["undo create"].extend(["fail"] * 9)
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid):
            await operations.run("install", NGINX, {"secret": "x"})
    for _ in range(5):
        async with running_operations(path, script.kind) as operations:
            await resumed(operations)
    assert script.calls.count("undo create") == 3
    assert plans_on_disk(path) == [None]


async def test_an_operation_survives_the_end_of_the_process(path: Path, script: Script) -> None:
    """SIGTERM cancels the running step; that is no failure, and the next start goes on with it."""
    script.gates["copy"] = trio.Event()

    async def run() -> None:
        with pytest.raises(Unavailable, match="when it starts again"):
            await operations.run("install", NGINX, {})

    async with trio.open_nursery() as nursery, running_operations(path, script.kind) as operations:
        nursery.start_soon(run)
        await script.begun.wait()
    assert script.calls == ["do create"]
    script.gates["copy"].set()
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.SUCCEEDED
    assert script.calls == ["do create", "do copy", "do start"]


async def test_an_undo_goes_on_at_the_next_start(path: Path, script: Script) -> None:
    script.outcomes["do start"].append("fail")
    script.gates["undo copy"] = trio.Event()

    async def run() -> None:
        with pytest.raises(Unavailable):
            await operations.run("install", NGINX, {})

    async with trio.open_nursery() as nursery, running_operations(path, script.kind) as operations:
        nursery.start_soon(run)
        await script.begun.wait()
    script.gates["undo copy"].set()
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.UNDONE
    assert script.calls[3:] == ["undo start", "undo copy", "undo create"]
    assert script.marks == []


async def test_a_failure_after_a_resume_is_undone(path: Path, script: Script) -> None:
    script.outcomes["do copy"].append("die")
    with dying():
        async with running_operations(path, script.kind) as operations:
            await operations.run("install", NGINX, {})
    script.outcomes["do start"].append("fail")
    async with running_operations(path, script.kind) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.UNDONE
    assert script.marks == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_point_kills_once(path: Path, script: Script, step: str, moment: str) -> None:
    point = f"install:{step}:{moment}"
    with dying():
        async with running_operations(path, script.kind, crash=point) as operations:
            await operations.run("install", NGINX, {})
    assert (step in script.marks) == (moment == "after")
    async with running_operations(path, script.kind, crash=point) as operations:
        await resumed(operations)
        assert (await latest(operations)).state is OperationState.SUCCEEDED
        await operations.run("install", REDIS, {})
    assert script.marks == list(STEPS)


async def test_an_operation_survives_a_crash_at_every_point_and_during_its_rollback(path: Path, script: Script) -> None:
    points = [f"install:{step}:{moment}" for step in STEPS for moment in ("before", "after")]
    points.remove(f"install:{STEPS[-1]}:after")
    points += [f"install:undo {step}:{moment}" for step in reversed(STEPS) for moment in ("before", "after")]
    script.outcomes[f"do {STEPS[-1]}"].append("fail")
    for death in range(len(points)):
        with dying():
            async with running_operations(path, script.kind, crash=",".join(points)) as operations:
                await (resumed(operations) if death else operations.run("install", NGINX, {}))
    async with running_operations(path, script.kind, crash=",".join(points)) as operations:
        await resumed(operations)
    async with running_operations(path, script.kind) as operations:
        assert (await latest(operations)).state is OperationState.UNDONE
    assert script.marks == []


@pytest.mark.parametrize(
    "text", ["", "install", "install:create", "install:create:during", ":create:after", "a::after"]
)
def test_a_malformed_crash_point_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        CrashPoint.parse(text)


async def test_an_operation_id_is_used_once(path: Path, script: Script) -> None:
    identifier = "b5a0e6a5-0a0f-4f0e-8a53-5a2f1c4f6f01"
    async with running_operations(path, script.kind) as operations:
        assert (await operations.run("install", NGINX, {}, operation_id=identifier)).id == identifier
        with pytest.raises(Conflict, match="already exists"):
            await operations.run("install", REDIS, {}, operation_id=identifier)
        with pytest.raises(Invalid) as caught:
            await operations.run("install", REDIS, {}, operation_id="../../etc")
    assert [field.name for field in caught.value.fields] == ["operation_id"]


@pytest.mark.parametrize("failing", [False, True])
async def test_the_plan_is_forgotten_when_the_operation_ends(path: Path, script: Script, failing: bool) -> None:
    if failing:
        script.outcomes["do start"].append("fail")
    async with running_operations(path, script.kind) as operations:
        try:
            await operations.run("install", NGINX, {"password": "hunter2-hunter2"})
        except Invalid:
            assert failing
    assert plans_on_disk(path) == [None]


def plans_on_disk(path: Path) -> list[bytes | None]:
    connection = sqlite3.connect(path)
    try:
        return [plan for (plan,) in connection.execute("SELECT plan FROM operations")]
    finally:
        connection.close()


async def test_an_operation_of_an_unknown_kind_ends_as_failed(path: Path, script: Script) -> None:
    script.outcomes["do copy"].append("die")
    with dying():
        async with running_operations(path, script.kind) as operations:
            await operations.run("install", NGINX, {})
    async with running_operations(path) as operations:
        await resumed(operations)
        given_up = await latest(operations)
    assert given_up.state is OperationState.FAILED
    assert "does not know" in str(given_up.error)
    assert plans_on_disk(path) == [None]


async def test_operations_cannot_begin_before_they_are_served(path: Path, script: Script) -> None:
    async with running_operations(path, script.kind) as operations:
        pass
    with pytest.raises(Unavailable):
        await operations.run("install", NGINX, {})

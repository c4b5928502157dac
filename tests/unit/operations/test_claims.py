"""Plans are made side by side, and claimed in one moment."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tests.support.examples import examples
from townos.errors import Conflict, Invalid
from townos.limits import OPERATION_PLANNING_ATTEMPTS_MAX
from townos.operations import Claim, Operations, Plan, Prepared, Subject
from townos.testing.operations import Script, running_operations

NGINX, REDIS = Subject("core", "nginx", "1.0"), Subject("core", "redis", "1.0")
TAKEN = "operation.ended"  # the code of a conflict, whatever its words


@dataclass
class Wanted:
    """A plan for one thing, which only one operation may have."""

    thing: int

    def claim(self, claims: Sequence[Claim]) -> Plan | None:
        return None if self.thing in things(claims) else {"thing": self.thing}


def things(claims: Sequence[Claim]) -> list[int]:
    return [claim.plan["thing"] for claim in claims]


@dataclass
class Recorder:
    """Makes planners for one thing each, which look first and take some time; remembers what was claimed."""

    operations: Operations
    outcomes: list[str] = field(default_factory=list)
    claimed: list[list[int]] = field(default_factory=list)

    def planner(self, thing: int, seconds: float) -> Callable[[], Awaitable[Prepared]]:
        async def plan() -> Prepared:
            if thing in things(self.operations.claims()):
                raise Conflict(TAKEN, str(thing))
            await trio.sleep(seconds)
            return Wanted(thing)

        return plan

    async def run(self, number: int, thing: int, seconds: float) -> None:
        try:
            begun = await self.operations.begin(
                "install", Subject("core", f"package{number}", "1"), self.planner(thing, seconds)
            )
        except Conflict as error:
            self.outcomes.append(f"refused {error.params[0]}")
            return
        self.claimed.append(things(self.operations.claims()))
        await begun.outcome()
        self.outcomes.append(f"got {thing}")


async def test_a_planner_that_hangs_delays_no_other_plan(path: Path) -> None:
    script, released = Script("create"), trio.Event()

    async def hanging() -> Plan:
        await released.wait()
        return {}

    async with running_operations(path, script.kind) as operations, trio.open_nursery() as nursery:
        nursery.start_soon(operations.run, "install", NGINX, hanging)
        with trio.fail_after(5):
            await operations.run("install", REDIS, {})
        assert [operation.subject for operation in await operations.history()] == [REDIS]
        released.set()


@given(wanted=st.lists(st.tuples(st.integers(1, 3), st.sampled_from([0.0, 0.5, 1.0, 2.0])), min_size=2, max_size=6))
@settings(max_examples=examples(25))
def test_two_operations_never_claim_the_same_thing(wanted: list[tuple[int, float]]) -> None:
    async def interleave() -> Recorder:
        script = Script("create")
        script.gates["create"] = trio.Event()
        with TemporaryDirectory() as directory:
            async with running_operations(Path(directory) / "system.db", script.kind) as operations:
                recorder = Recorder(operations)
                async with trio.open_nursery() as nursery:
                    for number, (thing, seconds) in enumerate(wanted):
                        nursery.start_soon(recorder.run, number, thing, seconds)
                    while len(recorder.claimed) + len(recorder.outcomes) < len(wanted):
                        await trio.sleep(0.01)
                    script.gates["create"].set()
        return recorder

    recorder = trio.run(interleave, clock=MockClock(autojump_threshold=0.001))
    assert all(len(set(claimed)) == len(claimed) for claimed in recorder.claimed)
    everything = [thing for thing, _ in wanted]
    expected = [f"got {thing}" for thing in set(everything)]
    expected += [f"refused {thing}" for thing in set(everything) for _ in range(everything.count(thing) - 1)]
    assert sorted(recorder.outcomes) == sorted(expected)


async def test_a_plan_that_can_never_be_claimed_is_given_up(path: Path) -> None:
    attempts: list[None] = []

    class Outdated:
        def claim(self, _: Sequence[Claim]) -> None:
            attempts.append(None)

    async def planner() -> Prepared:
        return Outdated()

    script = Script("create")
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Conflict, match="keep changing"):
            await operations.run("install", NGINX, planner)
        assert len(attempts) == OPERATION_PLANNING_ATTEMPTS_MAX
        assert await operations.history() == []
        assert operations.claims() == []


async def test_a_half_done_operation_keeps_its_claim_until_the_next_one(path: Path) -> None:
    script = Script("create", "copy")
    script.outcomes["do copy"].append("fail")
    script.outcomes["undo create"].append("fail")
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid):
            await operations.run("install", NGINX, {"thing": 1})
        assert operations.claims() == [Claim(NGINX, "install", {"thing": 1}, is_left=True)]
        await operations.run("install", REDIS, {"thing": 2})
        assert operations.claims() == [Claim(NGINX, "install", {"thing": 1}, is_left=True)]
        await operations.run("install", Subject("core", "nginx", "2.0"), {"thing": 3})
        assert operations.claims() == []


async def test_a_half_done_operation_is_claimed_again_after_a_restart(path: Path) -> None:
    script = Script("create", "copy")
    script.outcomes["do copy"].append("fail")
    script.outcomes["undo create"].extend(["fail", "fail"])
    async with running_operations(path, script.kind) as operations:
        with pytest.raises(Invalid):
            await operations.run("install", NGINX, {"thing": 1})
    async with running_operations(path, script.kind) as operations:
        await operations.settled(NGINX)
        assert operations.claims() == [Claim(NGINX, "install", {"thing": 1}, is_left=True)]


async def test_plans_that_are_recorded_side_by_side_are_published_in_order(path: Path) -> None:
    script = Script("create")
    subjects = [Subject("core", f"package{number}", "1") for number in range(8)]
    async with running_operations(path, script.kind) as operations, operations.events() as watched:
        async with trio.open_nursery() as nursery:
            for subject in subjects:
                nursery.start_soon(operations.run, "install", subject, {})
        numbers = [operation.sequence for operation in await watched.next()]
    assert len(numbers) > len(subjects)
    assert numbers == sorted(set(numbers))

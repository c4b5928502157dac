"""Whatever fails and whenever the process dies: in the end an operation is done, or nothing of it is left."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from townos.errors import Invalid, Unavailable
from townos.operations import OperationState, Subject
from townos.testing.operations import Killed, Outcome, Script, resumed, running_operations

STEPS = ("create", "copy", "link", "start")
NGINX = Subject("core", "nginx", "1.0")
STARTS_MAX = 60
WHOLE = (OperationState.SUCCEEDED, frozenset(STEPS))
NOTHING = (OperationState.UNDONE, frozenset[str]())


def _scripts(calls: Sequence[str], *possible: Outcome) -> st.SearchStrategy[dict[str, list[Outcome]]]:
    return st.dictionaries(st.sampled_from(calls), st.lists(st.sampled_from(possible), max_size=3))


DOING = [f"do {name}" for name in STEPS]
UNDOING = [f"undo {name}" for name in STEPS]


@given(
    doing=_scripts(DOING, "ok", "fail", "fail after", "die", "die after"),
    undoing=_scripts(UNDOING, "ok", "die", "die after"),
    fails_to_undo=st.sampled_from(["", *STEPS]),
)
@settings(max_examples=examples(60))
def test_an_operation_ends_whole_or_leaves_nothing(
    doing: dict[str, list[Outcome]], undoing: dict[str, list[Outcome]], fails_to_undo: str
) -> None:
    script = _scripted(Script(*STEPS), doing | undoing)
    if fails_to_undo:
        script.outcomes[f"undo {fails_to_undo}"].appendleft("fail")
    assert trio.run(_run_to_the_end, script) in {WHOLE, NOTHING}


@given(
    before=_scripts(DOING[:1], "ok", "fail", "fail after", "die", "die after"),
    beyond=_scripts(DOING[1:], "ok", "die", "die after"),
    undoing=_scripts(UNDOING, "ok", "die", "die after"),
    failing=st.sampled_from(["", *DOING[1:]]),
)
@settings(max_examples=examples(60))
def test_an_operation_completes_beyond_the_point_of_no_return(
    before: dict[str, list[Outcome]],
    beyond: dict[str, list[Outcome]],
    undoing: dict[str, list[Outcome]],
    failing: str,
) -> None:
    script = _scripted(Script(*STEPS, no_return="copy"), before | beyond | undoing)
    if failing:
        script.outcomes[failing].append("fail")
    end = trio.run(_run_to_the_end, script)
    assert end == (WHOLE if "do copy" in script.calls else NOTHING)


def _scripted(script: Script, outcomes: dict[str, list[Outcome]]) -> Script:
    for call, scripted in outcomes.items():
        script.outcomes[call].extend(scripted)
    return script


async def _run_to_the_end(script: Script) -> tuple[OperationState, frozenset[str]]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "system.db"
        await _start(path, script, first=True)
        for _ in range(STARTS_MAX):
            if await _start(path, script, first=False):
                break
        async with running_operations(path, script.kind) as operations:
            (operation,) = await operations.history()
            return operation.state, frozenset(script.marks)


async def _start(path: Path, script: Script, *, first: bool) -> bool:
    """Live through one start of the process; tell whether nothing was left to do."""
    try:
        async with running_operations(path, script.kind) as operations:
            if first:
                try:
                    await operations.run("install", NGINX, {})
                except (Invalid, Unavailable):
                    return False
            await resumed(operations)
            (operation,) = await operations.history()
            return operation.state in {OperationState.SUCCEEDED, OperationState.UNDONE}
    except* Killed:
        pass
    return False

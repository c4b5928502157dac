"""A scripted kind of operation, and operations on a database file, for tests of what runs on them."""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import trio

from townos.clock import Clock
from townos.database.engine import Database
from townos.database.migrations import MIGRATIONS
from townos.errors import Unavailable
from townos.i18n import Term
from townos.operations import CrashPoint, Kind, Operations, Plan, Progress, Step, Subject
from townos.testing.clock import FakeClock

Outcome = Literal["ok", "fail", "fail after", "die", "die after"]


class Killed(BaseException):
    """Stands for SIGKILL and for a power cut: nothing handles it."""


class Failure(Exception):
    """What a scripted step fails with."""


class Script:
    """A kind whose steps each put their name into `marks`, and whose undos take it out again.

    `outcomes["do create"]` and `outcomes["undo create"]` script the next calls; without a script all goes well. A
    step in `gates` waits for its event. `calls` tells what ran.
    """

    def __init__(self, *names: str, kind: str = "install", no_return: str | None = None) -> None:
        self.names = names
        self.marks: list[str] = []
        self.calls: list[str] = []
        self.plans: list[Plan] = []
        self.outcomes: defaultdict[str, deque[Outcome]] = defaultdict(deque)
        self.undo_after: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        self.gates: dict[str, trio.Event] = {}
        self.progress: dict[str, Sequence[tuple[int, int | None]]] = {}
        self.warnings: dict[str, Sequence[str]] = {}
        self.begun = trio.Event()
        self.kind = Kind(kind, self._build, no_return)

    def _build(self, subject: Subject, plan: Plan) -> tuple[Step, ...]:
        self.plans.append(plan)
        return tuple(
            Step(name, partial(self._do, name), partial(self._undo, name), "things", self.undo_after[name])
            for name in self.names
        )

    async def _do(self, name: str, progress: Progress) -> None:
        await trio.lowlevel.checkpoint()
        for done, total in self.progress.get(name, ()):
            progress(done, total)
        for text in self.warnings.get(name, ()):
            progress.warn(Term.plain(text))
        if name in self.gates:
            self.begun.set()
            await self.gates[name].wait()
        self._act(f"do {name}", lambda: None if name in self.marks else self.marks.append(name))

    async def _undo(self, name: str) -> None:
        await trio.lowlevel.checkpoint()
        if f"undo {name}" in self.gates:
            self.begun.set()
            await self.gates[f"undo {name}"].wait()
        self._act(f"undo {name}", lambda: self.marks.remove(name) if name in self.marks else None)

    def _act(self, call: str, effect: Callable[[], None]) -> None:
        self.calls.append(call)
        outcome = self.outcomes[call].popleft() if self.outcomes[call] else "ok"
        if outcome in {"ok", "fail after", "die after"}:
            effect()
        if outcome.startswith("fail"):
            raise Failure(call)
        if outcome.startswith("die"):
            raise Killed(call)


def die() -> None:
    """Stand in for the signal that kills the process at a crash point."""
    raise Killed


@contextmanager
def dying() -> Iterator[None]:
    """Expect the process to die in the block; what a caller hears in the last moment goes down with it."""
    try:
        yield
    except BaseExceptionGroup as group:
        _, other = group.split((Killed, Unavailable))
        if other is not None or not group.subgroup(Killed):
            raise
        return
    raise AssertionError("the process lives")


@asynccontextmanager
async def running_operations(
    path: Path, *kinds: Kind, clock: Clock | None = None, crash: str = ""
) -> AsyncIterator[Operations]:
    """Serve operations on a database file until the block ends, as a process does from its start to SIGTERM."""
    async with Database.open(path, MIGRATIONS) as database:
        operations = Operations(database, clock or FakeClock(), CrashPoint.parse_all(crash), die)
        for kind in kinds:
            operations.register(kind)
        async with trio.open_nursery() as nursery:
            await nursery.start(operations.serve)
            yield operations
            nursery.cancel_scope.cancel()


async def resumed(operations: Operations) -> None:
    """Return once the operations that an earlier process left have ended, one way or another."""
    for subject in operations.unfinished():
        await operations.settled(subject)

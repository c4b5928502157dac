"""What an operation is made of: a kind, its plan, and the steps that the kind builds from the plan."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from townos.encoding import encode_json
from townos.i18n import Term
from townos.operations.subject import Subject

T = TypeVar("T")

Plan = Mapping[str, Any]
"""JSON-able. It may hold secrets: the step log forgets it when the operation has ended."""


def encoded_plan(plan: Plan) -> bytes:
    """Return the JSON of a plan; checked names are strings there. Raises `TypeError` for what JSON cannot hold."""
    return encode_json(plan)


class Progress(Protocol):
    """What a step tells while it works."""

    def __call__(self, done: int, total: int | None, /) -> None:
        """Tell what is done and the total (`None`: unknown), in the step's unit."""

    def warn(self, message: Term) -> None:
        """Report something that went wrong and does not stop the operation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Both functions are idempotent: a crash may make them run again, wholly or from half way.

    `undo` must also clean up after a `do` that failed or was cancelled in the middle, and must not rely on the undo of
    a later step having worked, but for the steps named in `undo_after`: when one of those could not be undone, this
    one is not either, until a later attempt. Cancelling `do` leaves nothing that `undo` or another `do` could not
    handle.
    """

    name: str
    do: Callable[[Progress], Awaitable[None]]
    undo: Callable[[], Awaitable[None]]
    unit: str = ""
    undo_after: frozenset[str] = frozenset()


class _Unobserved:
    def __call__(self, done: int, total: int | None, /) -> None:
        """Tell nobody."""

    def warn(self, message: Term) -> None:
        """Report to nobody."""


unobserved: Final[Progress] = _Unobserved()
"""The progress of what nobody watches."""


def counted(things: Sequence[T], progress: Progress) -> Iterator[T]:
    """Yield things one after the other and tell how many are done."""
    for done, thing in enumerate(things):
        progress(done, len(things))
        yield thing
    progress(len(things), len(things))


async def nothing() -> None:
    """The undo of a step that leaves nothing behind."""


Build = Callable[[Subject, Plan], Sequence[Step]]
"""Turns a plan into steps: the same plan gives the same steps, now and after a restart."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of operation. Once the step named `no_return` has begun, the operation only goes forward."""

    name: str
    build: Build
    no_return: str | None = None

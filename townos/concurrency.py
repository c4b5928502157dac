"""What Trio leaves to its users: nurseries with one error, shields with a deadline, thread budgets and slots."""

import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeVar, TypeVarTuple

import trio

from townos.errors import Unavailable
from townos.limits import PLACE_RETRY_AFTER_SECONDS

log: Final = logging.getLogger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

Cleanup = Callable[[], Awaitable[object]]


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors of a group that are no groups themselves, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from leaves(member)
    else:
        yield error


def sole_error(error: BaseException) -> BaseException:
    """Return the only real error of a group, the only cancellation if there is no other, or the group itself."""
    members = list(leaves(error))
    real = [member for member in members if not isinstance(member, trio.Cancelled)]
    if len(real) == 1:
        return real[0]
    return members[0] if not real and members else error


@asynccontextmanager
async def open_nursery() -> AsyncIterator[trio.Nursery]:
    """Open a Trio nursery that raises a sole error as itself and several as a group.

    Trio wraps every error in a group. Where a nursery is a detail of one call (a child process and the reader of its
    standard error), callers want to catch the one error by type.
    """
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
    except BaseExceptionGroup as group:
        error = sole_error(group)
        if error is group:
            raise
        raise error from error.__cause__


class _Shields:
    """The shields of a Trio run, and the moment at which all of them end once the process is stopping."""

    def __init__(self) -> None:
        self._open: set[trio.CancelScope] = set()
        self._latest = math.inf

    @contextmanager
    def holding(self, shield: trio.CancelScope) -> Iterator[None]:
        shield.deadline = min(shield.deadline, self._latest)
        self._open.add(shield)
        try:
            yield
        finally:
            self._open.discard(shield)

    def end_by(self, deadline: float) -> None:
        self._latest = deadline
        for shield in self._open:
            shield.deadline = min(shield.deadline, deadline)


_SHIELDS: Final[trio.lowlevel.RunVar[_Shields]] = trio.lowlevel.RunVar("townos shields")


def _shields() -> _Shields:
    try:
        return _SHIELDS.get()
    except LookupError:
        _SHIELDS.set(_Shields())
        return _SHIELDS.get()


@contextmanager
def shielded(seconds: float, work: str) -> Iterator[None]:
    """Let a block finish although its task is cancelled, for at most `seconds`: the only shield of this program.

    Raises `trio.TooSlowError`, naming `work`, if the time was not enough. A thread that has started is waited for.
    """
    with trio.CancelScope(shield=True, deadline=trio.current_time() + seconds) as shield, _shields().holding(shield):
        yield
    if shield.cancelled_caught:
        log.error("%s was given up: it took too long", work)
        raise trio.TooSlowError(f"{work} took too long")


def end_shields_by(deadline: float) -> None:
    """End every shield, also those still to come, by a moment on Trio's clock: the process is stopping."""
    _shields().end_by(deadline)


@asynccontextmanager
async def always(clean: Cleanup, seconds: float, work: str) -> AsyncIterator[None]:
    """Clean up after the block, whether it fails or not, even if it is cancelled. See `on_failure` for errors."""
    async with on_failure(clean, seconds, work):
        yield
    with shielded(seconds, work):
        await clean()


@asynccontextmanager
async def on_failure(clean: Cleanup, seconds: float, work: str) -> AsyncIterator[None]:
    """Clean up if the block fails or is cancelled, for at most `seconds`.

    An error of the clean-up joins the error of the block in a `BaseExceptionGroup`: neither hides the other.
    """
    try:
        yield
    except BaseException as error:
        try:
            with shielded(seconds, work):
                await clean()
        except Exception as second:  # noqa: BLE001  it is raised beside the first one
            raise BaseExceptionGroup(f"{work} failed, too", [error, second]) from None
        raise


class ThreadBudget:
    """The threads that one kind of long work may use at a time; what comes after that waits for its turn.

    Trio's own threads are left to short work, which so never waits for long work.
    """

    def __init__(self, threads: int) -> None:
        self.threads: Final = threads
        self._limiter: Final[trio.lowlevel.RunVar[trio.CapacityLimiter]] = trio.lowlevel.RunVar("townos threads")

    async def run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Run blocking work in a thread. Raises what it raises; a thread that has started is waited for."""
        return await trio.to_thread.run_sync(work, *arguments, limiter=self._of_this_run())

    def _of_this_run(self) -> trio.CapacityLimiter:
        try:
            return self._limiter.get()
        except LookupError:
            self._limiter.set(trio.CapacityLimiter(self.threads))
            return self._limiter.get()


class Places:
    """So many places, for each process; who finds none left is told to come back."""

    def __init__(self, count: int, code: str) -> None:
        self._count = count
        self._code = code
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a place for the time of a block. Raises `Unavailable` with the code when none is left."""
        if self.taken >= self._count:
            raise Unavailable(self._code, self._count, retry_after=PLACE_RETRY_AFTER_SECONDS)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

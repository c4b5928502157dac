"""A nursery whose single failure keeps its own type.

Trio wraps whatever leaves a nursery in an exception group. Where a nursery is a detail of one call (a child process and
the reader of its standard error), callers want to catch the one error by name.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import trio

from townos.errors import Unavailable
from townos.limits import PLACE_RETRY_AFTER_SECONDS


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
    """Open a Trio nursery that raises a sole error as itself and several as a group."""
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
    except BaseExceptionGroup as group:
        error = sole_error(group)
        if error is group:
            raise
        raise error from error.__cause__


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

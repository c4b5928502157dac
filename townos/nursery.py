"""A nursery whose single failure keeps its own type.

Trio wraps whatever leaves a nursery in an exception group. Where a nursery is a detail of one call (a child process and
the reader of its standard error), callers want to catch the one error by name.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import trio


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

"""Functions that call one another to any depth without using Python's own stack.

Go's stack grows to a gigabyte, so Go survives templates nested tens of thousands of times, where Python's would
overflow. A routine is a generator: it yields the routine that it calls, receives what that one returns, and returns its
own result.
"""

from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")

Routine = Generator[Generator[Any, Any, Any], Any, T]


def run(routine: Routine[T]) -> T:
    """Run a routine and all that it calls. An error ends all of them: no routine sees the error of one it called."""
    callers: list[Routine[Any]] = [routine]
    result: Any = None
    while callers:
        try:
            called = callers[-1].send(result)
        except StopIteration as returned:
            callers.pop()
            result = returned.value
        else:
            callers.append(called)
            result = None
    final: T = result
    return final

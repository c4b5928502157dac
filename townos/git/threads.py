"""Blocking git work beside the Trio loop: bounded, timed, and stopped when its task is cancelled."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import trio

from townos.git.errors import GitTimeout
from townos.i18n import Seconds
from townos.limits import GIT_STOP_GRACE_SECONDS, GIT_STOP_POLL_SECONDS
from townos.posix.checkpoints import Checkpoint

T = TypeVar("T")
Work = Callable[[Checkpoint], T]
"""Blocking work; it calls its checkpoint often."""


class Stopped(BaseException):
    """Raised inside work that talks to a server when nobody waits for it any more."""


async def run_local(work: Work[T], slots: trio.CapacityLimiter, *, seconds: float, action: str, place: str) -> T:
    """Run work on local files. Raises `GitTimeout`; on a cancel the work first goes back to a clean state."""
    return await _timed(lambda: work(trio.from_thread.check_cancelled), slots, seconds, action, place)


async def run_network(work: Work[T], slots: trio.CapacityLimiter, *, seconds: float, action: str, place: str) -> T:
    """Run work that talks to a server, which may answer so slowly that libgit2 never asks whether to stop.

    Such a thread is left alone after a grace; it cleans up and ends as soon as its server says anything.
    """
    return await _timed(_Supervised(work), slots, seconds, action, place)


async def _timed(function: Callable[[], T], slots: trio.CapacityLimiter, seconds: float, action: str, place: str) -> T:
    try:
        async with slots:  # time spent in the queue does not count
            with trio.fail_after(seconds):
                return await trio.to_thread.run_sync(function, limiter=trio.CapacityLimiter(1))
    except trio.TooSlowError:
        raise GitTimeout("git.timeout", action, place, Seconds(round(seconds))) from None


class _Supervised(Generic[T]):
    """Runs the work in a thread of its own and watches for the cancel from Trio's."""

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._results: list[T] = []
        self._failure: BaseException | None = None

    def __call__(self) -> T:
        threading.Thread(target=self._run, name="git-network", daemon=True).start()
        try:
            while not self._ended.wait(GIT_STOP_POLL_SECONDS):
                trio.from_thread.check_cancelled()
        except BaseException:
            self._stopped.set()
            self._ended.wait(GIT_STOP_GRACE_SECONDS)
            if not self._results:  # work that ended well in the meantime is not undone
                raise
        if self._failure is not None:
            raise self._failure
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work(self._checkpoint))
        except BaseException as failure:  # noqa: BLE001 - handed to the waiting thread
            self._failure = failure
        finally:
            self._ended.set()

    def _checkpoint(self) -> None:
        if self._stopped.is_set():
            raise Stopped

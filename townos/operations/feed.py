"""Changes of operations, fanned out to those who watch. A slow watcher skips moments, never an operation's latest."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import trio

from townos.concurrency import Places
from townos.limits import OPERATION_EVENTS_PENDING_MAX, OPERATION_WATCHERS_MAX
from townos.operations.model import Operation


@dataclass(frozen=True, slots=True)
class Change:
    """A moment to tell. `progress` means that only counters moved since the moment before."""

    operation: Operation
    progress: bool


class Subscription:
    """One watcher's bounded list of changes not yet told."""

    def __init__(self) -> None:
        self._pending: list[Change] = []
        self._arrived = trio.Event()

    def push(self, change: Change) -> None:
        """Add a change. Progress replaces older progress; a full list keeps the latest moment of each operation."""
        last = next((c for c in reversed(self._pending) if c.operation.id == change.operation.id), None)
        if last is not None and last.progress and change.progress:
            self._pending.remove(last)
        self._pending.append(change)
        if len(self._pending) > OPERATION_EVENTS_PENDING_MAX:
            latest = {c.operation.id: c for c in self._pending}
            self._pending = [c for c in self._pending if latest[c.operation.id] is c][-OPERATION_EVENTS_PENDING_MAX:]
        self._arrived.set()

    async def next(self) -> list[Operation]:
        """Wait for changes and return all of them in order."""
        await self._arrived.wait()
        self._arrived = trio.Event()
        changes, self._pending = self._pending, []
        return [change.operation for change in changes]


class Events:
    """A watcher's stream: first what there is to tell, then each change."""

    def __init__(self, first: list[Operation], subscription: Subscription) -> None:
        self._first = first
        self._subscription = subscription
        self._told = {operation.id: operation.sequence for operation in first}

    async def next(self) -> list[Operation]:
        """Wait for something to tell; return it in order, each moment once."""
        if self._first:
            first, self._first = self._first, []
            return first
        while True:
            changes = await self._subscription.next()
            unseen = [change for change in changes if change.sequence > self._told.get(change.id, 0)]
            if unseen:
                return unseen


class Feed:
    """All watchers."""

    def __init__(self, watchers_max: int = OPERATION_WATCHERS_MAX) -> None:
        self._places = Places(watchers_max, "operation.too_many_watchers")
        self._subscriptions: set[Subscription] = set()

    def publish(self, operation: Operation, *, progress: bool = False) -> None:
        """Tell every watcher; never waits."""
        for subscription in self._subscriptions:
            subscription.push(Change(operation, progress))

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Watch until the block ends. Raises `Unavailable` while as many watch as may."""
        subscription = Subscription()
        with self._places.take():
            self._subscriptions.add(subscription)
            try:
                yield subscription
            finally:
                self._subscriptions.discard(subscription)

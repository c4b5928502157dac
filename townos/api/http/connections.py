"""How many connections there may be at once: in all, and from one source, so that no machine takes every place."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from townos.limits import CONNECTIONS_MAX, CONNECTIONS_PER_SOURCE_MAX
from townos.network.client_address import is_loopback, source


class ConnectionPlaces:
    """The places that connections take. A proxy on this machine speaks for many and may take all."""

    def __init__(self, in_all: int = CONNECTIONS_MAX, per_source: int = CONNECTIONS_PER_SOURCE_MAX) -> None:
        self._in_all = in_all
        self._per_source = per_source
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, address: str) -> Iterator[bool]:
        """Take a place for as long as the block lasts; gives whether there was one."""
        key = source(address)
        most = self._in_all if is_loopback(address) else self._per_source
        if self._taken.total() >= self._in_all or self._taken[key] >= most:
            yield False
            return
        self._taken[key] += 1
        try:
            yield True
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]

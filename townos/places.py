"""Places for those who stay: a bound on what clients may hold open at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from townos.errors import Unavailable
from townos.limits import PLACE_RETRY_AFTER_SECONDS


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

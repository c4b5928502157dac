"""Where formatted values are gathered."""

from collections.abc import Callable

from townos.packages.gotemplate.errors import Limit, LimitExceeded


class Buffer:
    """Bytes of which there may be no more than `size`. Each time that some are added, `step` may end it all."""

    def __init__(self, size: int, limit: Limit, step: Callable[[], None]) -> None:
        self._size = size
        self._limit = limit
        self._step = step
        self._written = bytearray()

    def write(self, text: bytes) -> None:
        """Add bytes. Raises `LimitExceeded` and what `step` does."""
        self._step()
        self.reserve(len(text))
        self._written += text

    def reserve(self, size: int) -> None:
        """See whether there is room for so many bytes, before they are made. Raises `LimitExceeded`."""
        if len(self._written) + size > self._size:
            raise LimitExceeded(self._limit)

    def written(self) -> bytes:
        """Return all bytes."""
        return bytes(self._written)

"""Where formatted values are gathered."""

from townos.packages.gotemplate.errors import Limit, LimitExceeded


class Buffer:
    """Bytes, and how many more there may be. `None` is for no limit."""

    def __init__(self, size: int | None, limit: Limit) -> None:
        self._size = size
        self._limit = limit
        self._written = bytearray()

    def write(self, text: bytes) -> None:
        """Add bytes. Raises `LimitExceeded`."""
        self.reserve(len(text))
        self._written += text

    def reserve(self, size: int) -> None:
        """See whether there is room for so many bytes, before they are made. Raises `LimitExceeded`."""
        if self._size is not None and len(self._written) + size > self._size:
            raise LimitExceeded(self._limit)

    def written(self) -> bytes:
        """Return all bytes."""
        return bytes(self._written)

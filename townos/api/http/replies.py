"""What goes back: JSON bytes with a final newline, or a stream."""

from collections.abc import Iterable
from typing import Final

from quart_trio.wrappers import TrioResponse
from werkzeug.datastructures import Headers

from townos.encoding import encode_json

JSON: Final = "application/json"


class Reply(TrioResponse):
    """An answer whose bytes are known."""

    default_mimetype = None  # type: ignore[assignment]  # werkzeug then sends no content type, as its code says

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        content_type: str | None = JSON,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(body, status, Headers(headers), content_type=content_type)
        self.body = body


def encoded(value: object) -> bytes:
    """Return a response value as JSON bytes with a final newline."""
    return encode_json(value) + b"\n"

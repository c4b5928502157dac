"""Forms with small fields and, last, one file that is read as it arrives.

Quart's own reader writes files to the disk first, blocking everybody else meanwhile.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from townos.errors import Forbidden, Malformed
from townos.i18n import Bytes
from townos.limits import FORM_FIELD_MAX_BYTES, FORM_FIELDS_MAX

MULTIPART: Final = "multipart/form-data"
_Event: TypeAlias = MultipartSegment | bytes | bytearray | None
"""The beginning of a part, a piece of it, or its end."""


class FileForm:
    """A form whose last part is a file. First `read_fields`, then `file`."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes], file_field: str) -> None:
        """Raises `Malformed` when the body is no such form. `file_field` is the name of the file's part."""
        kind, options = parse_options_header(content_type)
        self._body = body
        self._file_field = file_field
        self._events: deque[_Event] = deque()
        self.fields: dict[str, str] = {}
        self.file_name = ""
        with _read():
            if kind != MULTIPART:
                raise MultipartError(kind)
            self._parser = PushMultipartParser(options.get("boundary", ""), max_segment_count=FORM_FIELDS_MAX)

    async def read_fields(self) -> None:
        """Read what comes before the file, and the beginning of that. Raises `Malformed` when no file comes."""
        while part := await self._next_part():
            if part.name == self._file_field and part.filename:
                self.file_name = part.filename
                return
            self.fields[part.name] = await self._text(part.name)
        raise Malformed.at(self._file_field, "http.form_no_file", self._file_field)

    async def file(self, max_bytes: int, too_large: str) -> AsyncGenerator[bytes, None]:
        """Yield the file in pieces, and in the end see that the form ends with it.

        Raises `Forbidden`, with the key `too_large`, when the file is larger, and `Malformed` when it is cut off.
        """
        left = max_bytes
        while (piece := await self._next_piece()) is not None:
            left -= len(piece)
            if left < 0:
                raise Forbidden.at(self._file_field, too_large)
            yield piece
        if late := await self._next_part():
            raise Malformed.at(late.name, "http.form_late_field", late.name, self._file_field)

    async def _text(self, name: str) -> str:
        content = b""
        while (piece := await self._next_piece()) is not None:
            content += piece
            if len(content) > FORM_FIELD_MAX_BYTES:
                raise Malformed.at(name, "http.form_field_too_long", name, Bytes(FORM_FIELD_MAX_BYTES))
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise Malformed.at(name, "http.form_field_no_text", name) from error

    async def _next_part(self) -> MultipartSegment | None:
        event = await self._next()
        assert event is None or isinstance(event, MultipartSegment)
        return event

    async def _next_piece(self) -> bytes | None:
        event = await self._next()
        assert not isinstance(event, MultipartSegment)
        return None if event is None else bytes(event)

    async def _next(self) -> _Event:
        """Return what comes next; after the form's end, None."""
        while not self._events and not self._parser.closed:
            chunk = await anext(self._body, b"")
            with _read():
                self._events.extend(self._parser.parse(chunk))
        return self._events.popleft() if self._events else None


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except MultipartError as error:
        raise Malformed("http.form_invalid") from error

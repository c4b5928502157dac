"""A client that takes as little of the processors as it can: the kernel sends the file, and throws the answer away."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

BOUNDARY: Final = "----bench"
CHUNK_BYTES: Final = 1024 * 1024
HEAD_MAX_BYTES: Final = 65_536
TIMEOUT_SECONDS: Final = 1_800


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one server as whoever the token belongs to."""

    url: str
    token: str

    def upload(self, volume: str, file: Path) -> None:
        """Put an archive into a volume."""
        head, tail = _form(volume, file.name)
        length = len(head) + file.stat().st_size + len(tail)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        with self._asked("/storage/upload-archive", kind, length) as connection, file.open("rb") as content:
            connection.sendall(head)
            connection.sendfile(content)
            connection.sendall(tail)
            _check(connection.recv(HEAD_MAX_BYTES))

    def download(self, volume: str, archive_format: str) -> int:
        """Get a volume as an archive and return how many bytes came, those of HTTP's own framing included."""
        body = json.dumps({"subvolume": volume, "format": archive_format}).encode()
        with self._asked("/storage/download-archive", "application/json", len(body)) as connection:
            connection.sendall(body)
            first = connection.recv(HEAD_MAX_BYTES)
            _check(first)
            return len(first) + _discard(connection)

    @contextmanager
    def _asked(self, path: str, kind: str, length: int) -> Iterator[socket.socket]:
        split = urlsplit(self.url)
        headers: Mapping[str, object] = {
            "Host": split.netloc,
            "Authorization": f"Bearer {self.token}",
            "Content-Type": kind,
            "Content-Length": length,
            "Connection": "close",
        }
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection((str(split.hostname), split.port or 80), TIMEOUT_SECONDS) as connection:
            connection.sendall(f"{head}\r\n".encode())
            yield connection


def _form(volume: str, name: str) -> tuple[bytes, bytes]:
    """Return what comes before the file in a form, and after it."""
    start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    head = f'{start}"subvolume"\r\n\r\n{volume}\r\n{start}"archive"; filename="{name}"\r\n\r\n'
    return head.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the server answered {answer!r}")


def _discard(connection: socket.socket) -> int:
    """Read to the end of a connection, where HTTP's end of the answer must have come before."""
    buffer, received, last = bytearray(CHUNK_BYTES), 0, b""
    while count := connection.recv_into(buffer):
        received += count
        last = (last + buffer[max(0, count - 5) : count])[-5:]
    if last != b"0\r\n\r\n":
        raise RuntimeError("the answer was cut off")
    return received

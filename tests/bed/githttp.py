"""A git server over HTTP with Basic authentication: every bare repository below a directory, to read and to push.

One file on the standard library and the `git` program, so that a bed can run it alone:
`python3 githttp.py DIRECTORY HOST:PORT USER PASSWORD`. Tests call `serve`.
"""

from __future__ import annotations

import base64
import hmac
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

USERNAME: Final = "town"
PASSWORD: Final = "harbour-7"
"""What the git server inside a bed asks for."""

_GIT_SETTINGS: Final = (("safe.directory", "*"), ("http.receivepack", "true"))


class GitServer(ThreadingHTTPServer):
    """Answers for the repositories below `root`; without a user name nobody has to sign in."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], root: Path, username: str = "", password: str = "") -> None:
        super().__init__(address, _Exchange)
        self.root = root
        self.username = username
        self.authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode() if username else ""
        self.requests: list[str] = []
        """Method and path of every request, for tests that count them."""

    def url(self, repository: str, *, credentials: str = "") -> str:
        """Return the address of a repository; `credentials` is `user:password`."""
        at = f"{credentials}@" if credentials else ""
        return f"http://{at}127.0.0.1:{self.server_port}/{repository}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up; report all else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: GitServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        self.server.requests.append(f"{self.command} {self.path}")

    def _answer(self) -> None:
        body = self._body()
        wanted = self.server.authorization
        if wanted and not hmac.compare_digest(self.headers.get("Authorization", ""), wanted):
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"sign in\n")
            return
        head, _, content = _http_backend(self._environment(len(body)), body).partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n") if ": " in line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        kept = [(name, value) for name, value in headers if name not in {"Status", "Content-Length"}]
        self._send(status, kept, content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _environment(self, length: int) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        settings = {f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in enumerate(_GIT_SETTINGS)}
        settings |= {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(_GIT_SETTINGS)}
        return {
            **settings,
            "GIT_CONFIG_COUNT": str(len(_GIT_SETTINGS)),
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.root.resolve()),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": self.server.username,
            "REMOTE_ADDR": str(self.client_address[0]),
        }

    def _send(self, status: int, headers: Sequence[tuple[str, ...]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _http_backend(environment: dict[str, str], body: bytes) -> bytes:
    return subprocess.run(
        ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE, check=False
    ).stdout


@contextmanager
def serve(root: Path, username: str = "", password: str = "", *, host: str = "127.0.0.1") -> Iterator[GitServer]:
    """Run a git server on a free port in a thread of its own for as long as the block lasts."""
    server = GitServer((host, 0), root, username, password)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main(arguments: list[str]) -> None:
    """Serve in the foreground: DIRECTORY HOST:PORT USER PASSWORD."""
    directory, address, username, password = arguments
    host, _, port = address.rpartition(":")
    Path(directory).mkdir(parents=True, exist_ok=True)
    server = GitServer((host, int(port)), Path(directory), username, password)
    _tell_systemd()
    server.serve_forever()


def _tell_systemd() -> None:
    """Say that connections are accepted from now on, if systemd asked for it."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notification:
            notification.sendto(b"READY=1", address)


if __name__ == "__main__":
    main(sys.argv[1:])

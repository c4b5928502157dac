"""A git server over HTTP for tests: the standard library's server in front of `git http-backend`, with Basic auth."""

import base64
import hmac
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class GitServer:
    """Bare repositories below `root`, served while the context lasts.

    `redirect` sends every request elsewhere; `asked` is set by each request.
    """

    root: Path
    username: str = ""
    password: str = ""
    port: int = 0
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    redirect: str | None = None
    silent: threading.Event | None = None
    asked: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        """Return the address of a repository without credentials."""
        return f"http://127.0.0.1:{self.port}/{path}"

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Take requests and answer nothing meanwhile."""
        self.silent = threading.Event()
        try:
            yield
        finally:
            silent, self.silent = self.silent, None
            silent.set()

    @property
    def authorization(self) -> str:
        """The header that is asked for, or nothing."""
        if not self.username:
            return ""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    git: GitServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each body waits 40 ms until the client's kernel has acknowledged the head
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        git, body = self.server.git, self._body()
        given = self.headers.get("Authorization", "")
        git.requests.append((self.command, self.path, given))
        git.asked.set()
        if git.silent is not None:
            git.silent.wait()
            self.close_connection = True
        elif git.redirect is not None:
            self._answer(302, [("Location", git.redirect + self.path)], b"")
        elif git.authorization and not hmac.compare_digest(given, git.authorization):
            self._answer(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        else:
            self._backend(body)

    do_POST = do_GET  # noqa: N815

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": self.server.git.username,
            "REMOTE_ADDR": self.client_address[0],
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        ran = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, rest = ran.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self._answer(status, [(n, v) for n, v in headers if n not in {"Status", "Content-Length"}], rest)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(root: Path, username: str = "", password: str = "") -> Iterator[GitServer]:
    """Serve the bare repositories below `root` on a free port of the loopback."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.git = GitServer(root, username, password, server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.git
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

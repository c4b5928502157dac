"""Starting the programs to measure, and asking them things."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
START_TIMEOUT_SECONDS: Final = 60
_NO_PROXY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Started:
    """A server that has answered for the first time."""

    url: str
    pid: int
    seconds: float
    """From the start of the process to its first answer."""

    def resident_megabytes(self) -> float:
        """Return the resident memory of the process now, in millions of bytes."""
        return resident_megabytes(self.pid)


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process now, in millions of bytes."""
    return _megabytes(pid, "VmRSS")


def peak_megabytes(pid: int) -> float:
    """Return the most resident memory that a process has had, in millions of bytes."""
    return _megabytes(pid, "VmHWM")


def processor_seconds(pid: int) -> float:
    """Return the time of the processors that a process and its children that have ended took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")  # utime to cstime of proc_pid_stat(5)


def reset_peak(pid: int) -> None:
    """Begin anew to look for the peak (proc_pid_clear_refs(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _megabytes(pid: int, line_name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{line_name}:")) * 1024 / 1e6


@contextmanager
def started(argv: Sequence[str], port: int, path: str, environment: Mapping[str, str]) -> Iterator[Started]:
    """Start a server, wait until `path` answers 200, and end it with the block.

    What it logs is shown only if it does not answer: it misses systemd and btrfs, which are not measured here.
    """
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stderr=said
        )
        try:
            _wait_until_answering(process, port, path)
            yield Started(f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - began)
        except NoAnswer:
            said.seek(0)
            sys.stderr.buffer.write(said.read())
            raise
        finally:
            process.terminate()
            process.wait(30)


class NoAnswer(RuntimeError):
    """A server that ended, or kept silent."""


def _wait_until_answering(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoAnswer(f"{process.args!r} ended with status {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                if connection.recv(12) == b"HTTP/1.1 200":
                    return
        except ConnectionError:
            time.sleep(0.002)
    raise NoAnswer(f"{process.args!r} does not answer")


def ask(url: str, body: object = None, token: str = "") -> Any:
    """GET, or POST a JSON body, and return the decoded answer, `None` if it is empty."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {token}"} if token else {})
    with _NO_PROXY.open(request, timeout=30) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def administrator(url: str) -> str:
    """Create the first account and return a token of it."""
    account = {"username": "bench", "password": "correct horse", "admin": True}
    contact = {"email": "bench@example.org", "phone": "555-0001", "real_name": "Bench"}
    ask(f"{url}/account/create", {**account, **contact})
    return str(ask(f"{url}/account/authenticate", account)["token"])

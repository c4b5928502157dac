"""How long requests take, one after the other over one connection."""

import http.client
import math
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

PAUSE_SECONDS: Final = 0.01
TIMEOUT_SECONDS: Final = 600


def told(seconds: Sequence[float]) -> str:
    """Return the median and the extremes for a person."""
    ordered = sorted(seconds)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    numbers = (statistics.median(ordered), p99, ordered[-1])
    median, high, worst = (f"{1000 * number:.1f}" for number in numbers)
    return f"median {median} ms, 99 % within {high} ms, worst {worst} ms, of {len(ordered)}"


def ask_often(url: str, headers: Mapping[str, str], times: int, body: bytes | None = None) -> list[float]:
    """Send the same request so many times and return the seconds of each. Raises `RuntimeError` for a bad answer."""
    connection = _connected(url)
    try:
        return [_once(connection, url, headers, body) for _ in range(times)]
    finally:
        connection.close()


@dataclass(slots=True)
class Pings:
    """The moment and the seconds of each request."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    def between(self, begin: float, end: float) -> list[float]:
        """Return the seconds of the requests that were on their way in this time."""
        return [seconds for moment, seconds in self.samples if moment + seconds > begin and moment < end]


@contextmanager
def pinged(url: str, headers: Mapping[str, str]) -> Iterator[Pings]:
    """Ask a hundred times a second, in a thread, until the block ends."""
    pings, stop = Pings(), threading.Event()

    def run() -> None:
        connection = _connected(url)
        while not stop.is_set():
            begun = time.perf_counter()
            pings.samples.append((begun, _once(connection, url, headers, None)))
            time.sleep(PAUSE_SECONDS)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield pings
    finally:
        stop.set()
        thread.join()


def _connected(url: str) -> http.client.HTTPConnection:
    place = urlsplit(url)
    assert place.hostname is not None
    return http.client.HTTPConnection(place.hostname, place.port, timeout=TIMEOUT_SECONDS)


def _once(connection: http.client.HTTPConnection, url: str, headers: Mapping[str, str], body: bytes | None) -> float:
    place = urlsplit(url)
    begun = time.perf_counter()
    connection.request("GET" if body is None else "POST", f"{place.path}?{place.query}", body, dict(headers))
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{url}: {answer.status} {content!r}")
    return time.perf_counter() - begun

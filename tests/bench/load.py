"""Load from wrk, a program of Debian's, in short alternating rounds, so that both sides meet the same machine."""

import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ROUND_SECONDS: Final = 4
ROUNDS: Final = 5

_REQUESTS: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
_P99: Final = re.compile(r"99%\s+([\d.]+)(us|ms|s)\b")
_BAD: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")
_MILLISECONDS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Rate:
    """What one round gave."""

    requests_per_second: float
    p99_milliseconds: float


@dataclass(frozen=True, slots=True)
class Side:
    """The rounds of one server; the spread is the machine's noise."""

    rounds: tuple[Rate, ...]

    @property
    def rate(self) -> float:
        """Median requests per second."""
        return statistics.median(one.requests_per_second for one in self.rounds)

    @property
    def p99(self) -> float:
        """Median of the rounds' 99th percentiles, in milliseconds."""
        return statistics.median(one.p99_milliseconds for one in self.rounds)

    @property
    def spread(self) -> float:
        """Half the distance between the best and the worst round, as a share of the median."""
        rates = [one.requests_per_second for one in self.rounds]
        return (max(rates) - min(rates)) / 2 / self.rate


def compare(urls: Sequence[str], clients: int, headers: Mapping[str, str]) -> list[Side]:
    """Measure several URLs in turn, `ROUNDS` times over, and return their sides in the same order."""
    rounds: list[list[Rate]] = [[] for _ in urls]
    for _ in range(ROUNDS):
        for url, taken in zip(urls, rounds, strict=True):
            taken.append(once(url, clients, headers))
    return [Side(tuple(taken)) for taken in rounds]


def once(url: str, clients: int, headers: Mapping[str, str]) -> Rate:
    """Run wrk for one round. Raises `RuntimeError` when any request failed: a fast error is no speed."""
    argv = ["wrk", "-t1", f"-c{clients}", f"-d{ROUND_SECONDS}s", "--latency"]
    for name, value in headers.items():
        argv += ["-H", f"{name}: {value}"]
    output = subprocess.run([*argv, url], check=True, capture_output=True, text=True).stdout
    if bad := _BAD.search(output):
        raise RuntimeError(f"{url}: {bad[0]}")
    rate, p99 = _REQUESTS.search(output), _P99.search(output)
    if rate is None or p99 is None:
        raise RuntimeError(f"wrk printed something unknown:\n{output}")
    return Rate(float(rate[1]), float(p99[1]) * _MILLISECONDS[p99[2]])

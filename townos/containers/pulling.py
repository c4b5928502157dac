"""What `podman pull` says: its progress, and why it failed."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from townos.errors import Foreign, NoSpace, TownError
from townos.images import ImageReference
from townos.limits import CONTAINER_PULL_LINE_MAX_BYTES, CONTAINER_PULL_LINES_KEPT, CONTAINER_REASON_MAX_CHARS
from townos.posix.no_space import says_out_of_space

Progress = Callable[[int, int | None], None]
"""Told what is done and how much there is in all, the latter `None` until it is known."""

_CONTROL_SEQUENCE: Final = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")  # ECMA-48: moves the cursor, clears, colours
_BREAK: Final = re.compile(rb"[\r\n]+")
_BLOB: Final = re.compile(rb"Copying blob (?:sha256:)?(?P<digest>[0-9a-f]{12})[0-9a-f]*(?P<state>.*)")
_CONFIG: Final = b"Copying config"
_ENDED: Final = re.compile(rb"\b(done|skipped: already exists)\b")
_SIZE: Final = rb"(\d{1,9}(?:\.\d{1,3})?) ?(b|B|KiB|MiB|GiB|TiB)"
_COUNTERS: Final = re.compile(_SIZE + rb" / " + _SIZE)
_ROUNDED: Final = 0.05  # podman shows one decimal
_UNITS: Final = {b"b": 1, b"B": 1, b"KiB": 2**10, b"MiB": 2**20, b"GiB": 2**30, b"TiB": 2**40}
_BYTES_MAX: Final = 2**53  # of all layers together; beyond it, a reader of JSON may see another number
_UNKNOWN: Final = re.compile(
    r"manifest unknown|name unknown|name invalid|unauthorized|access to the resource is denied|status 404|not found",
    re.IGNORECASE,
)
_UNREACHABLE: Final = re.compile(
    r"no such host|connection refused|i/o timeout|timed? ?out|no route to host|network is unreachable|"
    r"name resolution|connection reset|\bEOF\b|x509|tls: |server gave HTTP response",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Layer:
    """Bytes of one layer; the size is 0 as long as no bar has shown it."""

    done: int = 0
    size: int = 0
    ended: bool = False


class PullOutput:
    """Reads what podman tells a terminal as it comes, and counts the bytes of all layers.

    Again and again podman draws a line for each layer that it has begun with: a bar, then that it is done. Six layers
    at most are fetched at a time, so what the bars show is less than the image until the last layer has begun. The
    image's configuration comes after all layers, so then at the latest the total is known; `expect` tells it earlier.
    A layer that was there already has no size there. A version that draws no bars makes no progress but the end.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._rest = b""
        self._layers: dict[bytes, _Layer] = {}
        self._expected: dict[bytes, int] = {}
        self._complete = False
        self._told: tuple[int, int | None] = (0, None)
        self._said: deque[str] = deque(maxlen=CONTAINER_PULL_LINES_KEPT)

    @property
    def said(self) -> str:
        """The last lines that were no progress."""
        return "\n".join((*self._said, self._rest.decode(errors="replace")))

    def expect(self, sizes: dict[str, int]) -> None:
        """Take the sizes of all layers, by digest (`sha256:…`), as the registry tells them."""
        expected = {_short(digest): size for digest, size in sizes.items()}
        if self._layers.keys() <= expected.keys():
            self._expected = expected
            self._tell()

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of output."""
        *lines, self._rest = _BREAK.split(self._rest + chunk)
        self._rest = self._rest[-CONTAINER_PULL_LINE_MAX_BYTES:]
        for line in lines:
            self._read(_CONTROL_SEQUENCE.sub(b"", line))
        self._tell()

    def finish(self) -> None:
        """Tell that all is there."""
        self._complete = True
        for digest in (*self._layers, *self._expected):
            self._layers.setdefault(digest, _Layer()).ended = True
        self._tell()

    def _read(self, line: bytes) -> None:
        if found := _BLOB.match(line):
            _update(self._layers.setdefault(found["digest"], _Layer()), found["state"])
            if found["digest"] not in self._expected:  # they were those of another image
                self._expected = {}
        elif line.startswith(_CONFIG):
            self._complete = True
        elif line.strip():
            self._said.append(line.decode(errors="replace"))

    def _tell(self) -> None:
        """Tell if there is news. What was told to be done stays done, whatever podman shows next."""
        done, total = max(self._told[0], self._done()), self._total()
        news = min(done, _BYTES_MAX), None if total is None else min(max(done, total), _BYTES_MAX)
        if news != self._told and self._progress is not None:
            self._progress(*news)
        self._told = news

    def _done(self) -> int:
        layers = self._layers.items()
        return sum(self._expected.get(digest, layer.size) if layer.ended else layer.done for digest, layer in layers)

    def _total(self) -> int | None:
        if self._expected:
            return sum(self._expected.values())
        return sum(layer.size for layer in self._layers.values()) if self._complete else None


def _update(layer: _Layer, state: bytes) -> None:
    layer.ended = layer.ended or _ENDED.search(state) is not None
    if counters := _COUNTERS.search(state):
        done, done_unit, size, size_unit = counters.groups()
        layer.done = max(layer.done, _bytes(done, done_unit))
        layer.size = max(layer.size, _bytes(size, size_unit))


def _bytes(number: bytes, unit: bytes) -> int:
    """Return the least that is shown like this, so that what is told does not exceed a size that comes to be known."""
    return max(0, int((float(number) - _ROUNDED) * _UNITS[unit]))


def _short(digest: str) -> bytes:
    """Return how podman shows a digest."""
    return digest.partition(":")[2][:12].encode()


def pull_error(image: ImageReference, said: str) -> TownError:
    """Return the error for a failed pull, from the end of what podman said."""
    reason = _reason(said)
    if says_out_of_space(said):
        return NoSpace("container.no_space", image)
    if _UNKNOWN.search(reason):
        return Foreign("container.image_unknown", image, image.registry)
    if _UNREACHABLE.search(reason):
        return Foreign("container.registry_unreachable", image, image.registry, reason)
    return Foreign("container.pull_failed", image, image.registry, reason)


def _reason(said: str) -> str:
    lines = [line.removeprefix("Error: ") for line in said.splitlines() if line.strip()]
    return lines[-1][-CONTAINER_REASON_MAX_CHARS:] if lines else ""

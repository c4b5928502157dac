"""What `podman pull` says: its progress, and why it failed."""

import re
from collections.abc import Callable
from typing import Final

from townos.errors import Foreign, NoSpace, TownError
from townos.images import ImageReference
from townos.limits import CONTAINER_PULL_LINE_MAX_BYTES, CONTAINER_REASON_MAX_CHARS

PARALLEL_LAYERS: Final = 6  # containers/image fetches so many at once: when the seventh begins, one has ended

_BLOB: Final = re.compile(rb"Copying blob (?:sha256:)?([0-9a-f]{12,64})(.*)")
_CONFIG: Final = b"Copying config"
_ENDED: Final = re.compile(rb"\b(done|skipped: already exists)\b")
_UNKNOWN: Final = re.compile(
    r"manifest unknown|name unknown|name invalid|unauthorized|access to the resource is denied|status 404|not found",
    re.IGNORECASE,
)
_UNREACHABLE: Final = re.compile(
    r"no such host|connection refused|i/o timeout|timed? ?out|no route to host|network is unreachable|"
    r"name resolution|connection reset|\bEOF\b|x509|tls: |server gave HTTP response",
    re.IGNORECASE,
)


class PullOutput:
    """Reads the output as it comes and tells finished and all layers.

    Without a terminal podman names a layer when its download begins and, in some versions, once more when it has
    ended; the total is known when the image's configuration comes, after the last layer.
    """

    def __init__(self, progress: Callable[[int, int | None], None] | None) -> None:
        self._progress = progress
        self._rest = b""
        self._begun: set[bytes] = set()
        self._ended: set[bytes] = set()

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of output."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[-CONTAINER_PULL_LINE_MAX_BYTES:]
        for line in lines:
            self._read(line)

    def finish(self) -> None:
        """Tell that all is there."""
        self._tell(len(self._begun), len(self._begun))

    def _read(self, line: bytes) -> None:
        if line.startswith(_CONFIG):
            self._tell(len(self._begun), len(self._begun))
        elif found := _BLOB.match(line):
            self._begun.add(found[1][:12])
            if _ENDED.search(found[2]):
                self._ended.add(found[1][:12])
            self._tell(max(len(self._ended), len(self._begun) - PARALLEL_LAYERS), None)

    def _tell(self, done: int, total: int | None) -> None:
        if self._progress is not None:
            self._progress(done, total)


def pull_error(image: ImageReference, stderr: str) -> TownError:
    """Return the error for a failed pull, from the end of what podman said."""
    reason = _reason(stderr)
    if "no space left on device" in stderr:
        return NoSpace("container.no_space", image)
    if _UNKNOWN.search(reason):
        return Foreign("container.image_unknown", image, image.registry)
    if _UNREACHABLE.search(reason):
        return Foreign("container.registry_unreachable", image, image.registry, reason)
    return Foreign("container.pull_failed", image, image.registry, reason)


def _reason(stderr: str) -> str:
    lines = [line.removeprefix("Error: ") for line in stderr.splitlines() if line.strip()]
    return lines[-1][-CONTAINER_REASON_MAX_CHARS:] if lines else ""

"""How large the layers of an image are, as the manifest in its registry says (OCI image specification)."""

import json
import platform
import re
from typing import Annotated, Final

import msgspec

from townos.limits import CONTAINER_LAYER_MAX_BYTES

_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
"""How Linux and how images call machines, where that differs."""
_QUOTED: Final = re.compile(r'parsing manifest blob (".*") as a "')

Digest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
Size = Annotated[int, msgspec.Meta(ge=0, le=CONTAINER_LAYER_MAX_BYTES)]


class Platform(msgspec.Struct, frozen=True):
    """What an image runs on."""

    os: str = ""
    architecture: str = ""


class Part(msgspec.Struct, frozen=True):
    """A layer, or the manifest of an image in a list."""

    digest: Digest
    size: Size
    platform: Platform = Platform()


class Manifest(msgspec.Struct, frozen=True):
    """Either an image with its layers, or a list of images for several platforms."""

    layers: tuple[Part, ...] = ()
    manifests: tuple[Part, ...] = ()

    def layer_sizes(self) -> dict[str, int]:
        """Return the bytes of each layer by its digest; nothing for a list."""
        return {layer.digest: layer.size for layer in self.layers}

    def for_this_machine(self) -> str | None:
        """Return the digest of the image in a list that podman takes here; None if there is none."""
        machine = platform.machine()
        wanted = Platform("linux", _ARCHITECTURES.get(machine, machine))
        return next((part.digest for part in self.manifests if part.platform == wanted), None)


def manifest_of(stdout: bytes, stderr: bytes) -> Manifest | None:
    """Read what `podman manifest inspect` says; None if there is no manifest in it.

    podman 4.3 shows lists only. Of a single image it shows the manifest too, but quoted in the error it then ends with.
    """
    try:
        quoted = _QUOTED.search(stderr.decode(errors="replace"))
        return msgspec.json.decode(json.loads(quoted[1]) if quoted else stdout, type=Manifest)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None

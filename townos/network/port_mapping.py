"""Ports of packages and how packages reach the network: words that several rooms share."""

from dataclasses import dataclass
from typing import Literal

NetworkMode = Literal["bridge", "host"]
"""Containers have a network of their own, or use the machine's."""


@dataclass(frozen=True, slots=True, order=True)
class PortMapping:
    """A TCP port of this machine (`external`) and the application's port behind it (`internal`)."""

    external: int
    internal: int

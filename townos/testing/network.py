"""Addresses and listening ports that a test decides."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class FakeSockets:
    """Ports that a process listens on, with the name of the process."""

    holders: dict[int, str] = field(default_factory=dict)

    async def ports(self) -> frozenset[int]:
        return frozenset(self.holders)

    async def holder(self, port: int) -> str:
        return self.holders.get(port, "")


@dataclass(slots=True)
class FakeExternalAddress:
    """An address that is known from the start."""

    current: str = "203.0.113.7"

    async def serve(self) -> None:
        """Return at once: there is nothing to ask."""

"""The port to the numeric settings."""

from typing import Protocol


class NumericSettings(Protocol):
    """The settings as they are now. The keys are those of `townos.settings.rules`."""

    async def bytes(self, key: str) -> int:
        """Return a setting in bytes."""

    async def seconds(self, key: str) -> int:
        """Return a setting in seconds."""

    async def integer(self, key: str) -> int:
        """Return a numeric setting."""

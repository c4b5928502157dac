"""Settings in memory, for services that a test builds one by one."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class FakeSettings:
    """Numbers that a test may change at any time."""

    numbers: dict[str, int] = field(
        default_factory=lambda: {
            "max_archive_size": 1_000_000,
            "max_archive_members": 100,
            "archive_unpack_timeout": 60,
            "snapshots_kept": 2,
            "space_warn_percent": 85,
            "space_stop_percent": 95,
        }
    )

    async def bytes(self, key: str) -> int:
        """Return a size in bytes."""
        return self.numbers[key]

    async def seconds(self, key: str) -> int:
        """Return a duration in seconds."""
        return self.numbers[key]

    async def integer(self, key: str) -> int:
        """Return a number."""
        return self.numbers[key]

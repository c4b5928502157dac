"""Writing down when the disk, or a volume by its quota, gets nearly full, gets full, and is neither any more.

The audit log itself is the memory of what was told: a restart repeats nothing, and tells what has changed meanwhile.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from townos.audit.log import AuditEntry, AuditRow
from townos.clock import Clock
from townos.i18n import DEFAULT_LOCALE, Bytes, T
from townos.limits import SPACE_RETURN_PERCENT, SPACE_WATCH_INTERVAL_SECONDS
from townos.settings.numbers import NumericSettings
from townos.storage.space.guard import Space, Thresholds, reaches
from townos.storage.volumes import DiskUsage, Volume

log: Final = logging.getLogger(__name__)

ACTION: Final = T(DEFAULT_LOCALE, "audit.action.watch_space")
DISK: Final = "disk"
"""What the entries about the disk have as their path; those about a volume have its own."""


_LEVELS: Final[Sequence[Space]] = ("ok", "low", "full")


Refill = Callable[[], Awaitable[None]]


class Uses(Protocol):
    """The port to the disk."""

    async def list(self) -> list[Volume]:
        """Return all volumes."""

    async def usage(self) -> DiskUsage:
        """Return how full the disk is."""

    async def count_again(self) -> None:
        """Let what volumes use be counted anew where the kernel has lost count."""


class Audit(Protocol):
    """The port to the audit log."""

    async def record(self, entry: AuditEntry) -> None:
        """Write an entry."""

    async def latest(self, action: str) -> Mapping[str, AuditRow]:
        """Return the newest entry of an action for each path."""


class Told(msgspec.Struct, frozen=True):
    """What an entry tells of the disk or of a volume, in bytes."""

    space: Space
    used: int
    total: int


class SpaceWatch:
    """Looks from time to time, and tells each crossing of a threshold once."""

    def __init__(
        self, uses: Uses, settings: NumericSettings, audit: Audit, clock: Clock, refill: Sequence[Refill] = ()
    ) -> None:
        """`refill` makes good, while few enough bytes are used, what was given up when there was no space."""
        self._uses = uses
        self._settings = settings
        self._audit = audit
        self._clock = clock
        self._refill = refill
        self._levels: Mapping[str, Space] | None = None

    async def serve(self) -> None:
        """Watch until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(SPACE_WATCH_INTERVAL_SECONDS)

    async def look(self) -> None:
        """Look once. Raises what the disk raises; the next look tells what this one has not."""
        thresholds = await Thresholds.of(self._settings)
        before = await self._told() if self._levels is None else self._levels
        levels = {}
        for subject in await self._subjects():
            earlier = before.get(subject.path, "ok")
            level = levels[subject.path] = subject.level(thresholds, earlier)
            if level != earlier:
                await self._audit.record(_entry(subject, level))
        self._levels = levels
        await self._make_good(thresholds)

    async def _make_good(self, thresholds: Thresholds) -> None:
        usage = await self._uses.usage()
        if not usage.total:
            return
        await self._uses.count_again()
        if not reaches(thresholds.stop, usage.used, usage.total):
            for refill in self._refill:
                await refill()

    async def _told(self) -> Mapping[str, Space]:
        """Return what was told last, perhaps by an earlier process, of the disk and of each volume."""
        rows = (await self._audit.latest(ACTION)).values()
        return {row.path: told.space for row in rows if (told := _told(row)) is not None}

    async def _subjects(self) -> list["_Subject"]:
        usage = await self._uses.usage()
        disk = [_Subject(DISK, usage.used, usage.total, exhausted=not usage.available)] if usage.total else []
        volumes = [one for one in await self._uses.list() if one.quota]
        return [*disk, *(_Subject(str(one.path), one.referenced, one.quota) for one in volumes)]


@dataclass(frozen=True, slots=True)
class _Subject:
    """The disk, or a volume with a quota. An exhausted disk is full whatever is used: its metadata have no space."""

    path: str
    used: int
    total: int
    exhausted: bool = False

    def level(self, thresholds: Thresholds, before: Space) -> Space:
        """Judge it. It must get clearly better to count as better: else what wavers would be told again and again."""
        now = self._judged(thresholds, 0)
        if _LEVELS.index(now) >= _LEVELS.index(before):
            return now
        return min(before, self._judged(thresholds, SPACE_RETURN_PERCENT), key=_LEVELS.index)

    def _judged(self, thresholds: Thresholds, more_percent: int) -> Space:
        used = self.used + self.total * more_percent // 100
        return "full" if self.exhausted else thresholds.judge(used, self.total)


def _entry(subject: _Subject, level: Space) -> AuditEntry:
    detail = msgspec.json.encode(Told(level, subject.used, subject.total)).decode()
    error = (
        T(DEFAULT_LOCALE, "storage.watch_full", subject.path, Bytes(subject.used), Bytes(subject.total))
        if level == "full"
        else ""
    )
    return AuditEntry("", ACTION, subject.path, detail, success=not error, error=error)


def _told(row: AuditRow) -> Told | None:
    try:
        return msgspec.json.decode(row.detail, type=Told)
    except msgspec.DecodeError:
        log.warning("the audit entry %d does not tell how full %s was", row.id, row.path)
        return None

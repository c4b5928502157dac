"""Sources of the status that say what a test has put into them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import trio

from townos.errors import TownError
from townos.i18n import Term
from townos.status.report import PackageFacts, RepositoryFacts, VolumeCounts
from townos.storage.space.guard import reaches
from townos.storage.user_volumes import Filesystem
from townos.storage.volumes import DiskUsage


@dataclass(slots=True)
class FakeStatusSources:
    """Every part can be set; `failure` makes all of them raise, `stalled` makes all of them hang."""

    repository_facts: RepositoryFacts = field(default_factory=RepositoryFacts)
    package_facts: PackageFacts = field(default_factory=PackageFacts)
    states: dict[str, str] = field(default_factory=dict)
    volume_counts: VolumeCounts = field(default_factory=VolumeCounts)
    usage: DiskUsage = field(default_factory=lambda: DiskUsage(total=1_000, used=100, available=900))
    used_volumes: Sequence[Filesystem] = ()
    boot: tuple[str, ...] = ()
    troubles: dict[str, Term] = field(default_factory=dict)
    failure: TownError | None = None
    stalled: bool = False

    async def repositories(self) -> RepositoryFacts:
        await self._pass()
        return self.repository_facts

    async def packages(self) -> PackageFacts:
        await self._pass()
        return self.package_facts

    async def unit_states(self) -> Mapping[str, str]:
        await self._pass()
        return self.states

    async def volumes(self) -> VolumeCounts:
        await self._pass()
        return self.volume_counts

    async def disk_usage(self) -> DiskUsage:
        await self._pass()
        return self.usage

    async def full_volumes(self, percent: int) -> Sequence[Filesystem]:
        await self._pass()
        return [one for one in self.used_volumes if reaches(percent, one.referenced, one.quota)]

    def pending(self) -> Sequence[str]:
        return self.boot

    def degraded(self) -> Mapping[str, Term]:
        return self.troubles

    async def _pass(self) -> None:
        if self.stalled:
            await trio.sleep_forever()
        if self.failure is not None:
            raise self.failure

"""An appliance whose status reports what a test puts into its sources."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from townos.app.http import application
from townos.status.report import Status
from townos.testing.appliance import TestAppliance, open_appliance
from townos.testing.status import FakeStatusSources


@dataclass(frozen=True, slots=True)
class StatusAppliance(TestAppliance):
    sources: FakeStatusSources

    def status(self, part_timeout_seconds: float = 5) -> Status:
        core = self.appliance.core
        return Status(
            self.sources,
            accounts=self.accounts,
            audit=self.audit,
            settings=self.settings,
            external_address=core.external_address,
            clock=core.clock,
            part_timeout_seconds=part_timeout_seconds,
        )


@pytest.fixture
async def appliance(tmp_path: Path) -> AsyncIterator[StatusAppliance]:
    async with open_appliance(tmp_path) as built:
        it = StatusAppliance(built.host, built.appliance, built.app, FakeStatusSources())
        yield replace(it, app=application(replace(built.appliance, status=it.status())))

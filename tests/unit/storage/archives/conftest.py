"""What the tests of the routes run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.archive_appliance import ArchiveAppliance, open_appliance


@pytest.fixture
async def appliance(tmp_path: Path) -> AsyncIterator[ArchiveAppliance]:
    async with open_appliance(tmp_path) as appliance:
        yield appliance

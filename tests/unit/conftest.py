from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from townos.testing.appliance import TestAppliance, open_appliance


@pytest.fixture
async def appliance(tmp_path: Path) -> AsyncIterator[TestAppliance]:
    async with open_appliance(tmp_path) as appliance:
        yield appliance

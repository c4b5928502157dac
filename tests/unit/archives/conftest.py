"""What the tests of the routes run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.archive_town import Town, open_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as town:
        yield town

"""What the tests of the routes run on."""

from pathlib import Path

import pytest

from tests.support.archive_town import Town, open_town


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    return await open_town(tmp_path)

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from townos.testing.rooms import Rooms, open_rooms


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    async with open_rooms(tmp_path / "system.db") as rooms:
        yield rooms

"""When the disk has room for something more."""

import pytest

from townos.errors import NoSpace
from townos.i18n import Bytes
from townos.storage.volumes import DiskUsage
from townos.testing.space import FakeDisk, filled


@pytest.mark.parametrize(("used", "size"), [(0, 949), (900, 49), (949, 0)])
async def test_data_below_the_threshold_fits(used: int, size: int) -> None:
    await FakeDisk(filled(used, 1000)).guard.require_room(size)


@pytest.mark.parametrize(("used", "size"), [(0, 950), (900, 50), (949, 1)])
async def test_new_data_beyond_the_threshold_is_refused_with_the_numbers(used: int, size: int) -> None:
    told = f"{Bytes(size)} do not fit: {Bytes(used)} of 1000 bytes are used, and this would fill the disk beyond 95 %"
    with pytest.raises(NoSpace, match=told):
        await FakeDisk(filled(used, 1000)).guard.require_room(size)


async def test_nothing_new_begins_on_a_full_disk() -> None:
    with pytest.raises(NoSpace, match="the disk is full: 950 bytes of 1000 bytes are used, more than the limit of 95"):
        await FakeDisk(filled(950, 1000)).guard.require_room()


async def test_the_threshold_is_a_setting() -> None:
    disk = FakeDisk(filled(500, 1000), {"space_stop_percent": 50})
    with pytest.raises(NoSpace, match="50 %"):
        await disk.guard.require_room()


async def test_unavailable_space_is_no_room_even_if_little_is_used() -> None:
    disk = FakeDisk(DiskUsage(total=1000, used=100, available=10))
    await disk.guard.require_room(10)
    with pytest.raises(NoSpace, match="11 bytes do not fit"):
        await disk.guard.require_room(11)


async def test_a_disk_whose_metadata_are_full_is_full() -> None:
    with pytest.raises(NoSpace, match="no room left for file metadata: 500 bytes of 1000 bytes"):
        await FakeDisk(DiskUsage(total=1000, used=500, available=0)).guard.require_room()


async def test_a_disk_that_is_not_there_is_not_full() -> None:
    await FakeDisk(DiskUsage(0, 0, 0)).guard.require_room(1000)

"""The reserve of space: made once, given up piece by piece."""

import errno
import os
from pathlib import Path

import pytest

from townos.errors import Conflict, NoSpace
from townos.limits import RESERVE_CONTENT_BYTES
from townos.posix.process import ProcessFailed
from townos.posix.reserve import Reserve


@pytest.fixture
def attributes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let every file take attributes, as few file systems do so many; return the sizes of those that were set."""
    sizes: list[int] = []
    monkeypatch.setattr(os, "setxattr", lambda _file, _name, value: sizes.append(len(value)))
    return sizes


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_existing_reserve_is_not_made_again(tmp_path: Path, attributes: list[int]) -> None:
    reserve = Reserve(tmp_path / "reserve")
    reserve.make()
    taken = len(attributes)
    assert sum(attributes) > 16_000_000
    assert (tmp_path / "reserve" / "content").stat().st_blocks * 512 >= RESERVE_CONTENT_BYTES
    reserve.make()
    assert len(attributes) == taken


@pytest.mark.usefixtures("attributes")
def test_the_reserve_is_given_up_part_by_part(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    assert not reserve.give_up()
    reserve.make()
    assert [reserve.give_up() for _ in range(3)] == [True, True, False]
    assert reserve.is_short
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("attributes")
def test_a_used_reserve_is_made_again(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    reserve.make()
    reserve.give_up()
    reserve.make()
    assert not reserve.is_short
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "metadata"]


def test_a_reserve_that_has_no_space_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "setxattr", full)
    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve = Reserve(tmp_path)
    reserve.make()
    assert reserve.is_short
    assert list(tmp_path.iterdir()) == []


class FullDisk:
    """Work that fails until so many parts of the reserve are gone."""

    def __init__(self, parts: int, error: Exception) -> None:
        self.parts = parts
        self.error = error
        self.attempts = 0

    def __call__(self) -> str:
        self.attempts += 1
        if self.attempts <= self.parts:
            raise self.error
        return "done"

    async def asynchronously(self) -> str:
        return self()


def no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def told() -> NoSpace:
    error = NoSpace("http.internal")
    error.__cause__ = no_space()
    return error


@pytest.mark.usefixtures("attributes")
@pytest.mark.parametrize(
    "error",
    [no_space(), ProcessFailed(["btrfs"], 1, b"ERROR: No space left on device"), told()],
    ids=["kernel", "program", "told"],
)
async def test_work_is_done_again_with_the_space_of_the_reserve(tmp_path: Path, error: Exception) -> None:
    reserve = Reserve(tmp_path)
    reserve.make()
    assert reserve.run(FullDisk(2, error)) == "done"
    reserve.make()
    assert await reserve.run_async(FullDisk(2, error).asynchronously) == "done"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("attributes")
async def test_work_fails_when_there_is_nothing_left_to_give_up(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    reserve.make()
    work = FullDisk(3, no_space())
    with pytest.raises(OSError, match="No space left"):
        reserve.run(work)
    assert work.attempts == 3
    with pytest.raises(OSError, match="No space left"):
        await Reserve(None).run_async(FullDisk(1, no_space()).asynchronously)


@pytest.mark.usefixtures("attributes")
@pytest.mark.parametrize(
    "error", [OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), NoSpace("http.internal"), Conflict("archive.lost")]
)
def test_no_other_error_costs_a_part_of_the_reserve(tmp_path: Path, error: Exception) -> None:
    reserve = Reserve(tmp_path)
    reserve.make()
    with pytest.raises(type(error)):
        reserve.run(FullDisk(1, error))
    assert not reserve.is_short

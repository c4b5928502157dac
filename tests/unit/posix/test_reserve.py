"""The reserve of space: made once, given up piece by piece."""

import errno
import os
from pathlib import Path

import pytest

from townos.limits import RESERVE_CONTENT_BYTES
from townos.posix.reserve import Reserve


@pytest.fixture
def attributes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let every file take attributes, as few file systems do so many; return the sizes of those that were set."""
    sizes: list[int] = []
    monkeypatch.setattr(os, "setxattr", lambda _file, _name, value: sizes.append(len(value)))
    return sizes


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_there_is_not_made_again(tmp_path: Path, attributes: list[int]) -> None:
    reserve = Reserve(tmp_path / "reserve")
    reserve.make()
    taken = len(attributes)
    assert sum(attributes) > 16_000_000
    assert (tmp_path / "reserve" / "content").stat().st_blocks * 512 >= RESERVE_CONTENT_BYTES
    reserve.make()
    assert len(attributes) == taken


@pytest.mark.usefixtures("attributes")
def test_one_part_is_given_up_at_a_time_until_none_is_left(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    assert not reserve.give_up()
    reserve.make()
    assert [reserve.give_up() for _ in range(3)] == [True, True, False]
    assert reserve.is_short
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("attributes")
def test_what_was_given_up_is_made_again(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    reserve.make()
    reserve.give_up()
    reserve.make()
    assert not reserve.is_short
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "metadata"]


def test_where_there_is_no_space_for_it_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "setxattr", full)
    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve = Reserve(tmp_path)
    reserve.make()
    assert reserve.is_short
    assert list(tmp_path.iterdir()) == []

"""Taking a merge back from a snapshot: what the archive named is what it was, and nothing else is touched."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stopping import never
from tests.support.trees import tree
from townos.storage.archives.merging import merge, roll_back


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    path = tmp_path / "volume"
    (path / "d").mkdir(parents=True)
    (path / "d").chmod(0o2750)
    (path / "d" / "old").write_bytes(b"old")
    (path / "d" / "old").chmod(0o600)
    (path / "link").symlink_to("nowhere")
    os.mkfifo(path / "pipe", 0o640)
    (path / "two").write_bytes(b"two names")
    (path / "names").hardlink_to(path / "two")
    (path / "other").write_bytes(b"other")
    for one in ("d/old", "two", "pipe", "d", "."):
        os.utime(path / one, (7, 1_234_567_890))
    return path


@pytest.fixture
def before(tmp_path: Path, volume: Path) -> Path:
    """What stands for a snapshot; its inodes are others."""
    path = tmp_path / "before"
    _copy(volume, path)
    return path


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    (path / "d").mkdir(parents=True)
    (path / "fresh" / "below").mkdir(parents=True)
    for name in ("d/old", "d/new", "link", "pipe", "two", "names", "fresh/below/file"):
        (path / name).write_bytes(b"uploaded")
    return path


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("pipe", "names"))
    os.mkfifo(target / "pipe", 0o640)
    (target / "names").hardlink_to(target / "two")
    for one in ("pipe", "."):
        shutil.copystat(source / one, target / one)


def test_a_rollback_removes_merged_files_and_restores_replaced_ones(staging: Path, before: Path, volume: Path) -> None:
    was = tree(volume)
    merge(staging, volume, never)
    assert (volume / "fresh/below/file").read_bytes() == b"uploaded"
    roll_back(staging, before, volume, never)
    assert tree(volume) == was


def test_a_merge_that_a_crash_cut_short_is_rolled_back_with_its_staging_directory(
    staging: Path, before: Path, volume: Path
) -> None:
    was = tree(volume)
    (staging / "two").unlink()
    (staging / "names").unlink()
    room = volume / ".town-os-upload-0123456789abcdef"
    room.mkdir()
    (volume / "d/old").rename(room / "old")
    (volume / "d/new").write_bytes(b"uploaded")
    roll_back(staging, before, volume, never)
    assert tree(volume) == was


def test_a_rollback_can_be_repeated(staging: Path, before: Path, volume: Path) -> None:
    was = tree(volume)
    merge(staging, volume, never)
    roll_back(staging, before, volume, never)
    roll_back(staging, before, volume, never)
    assert tree(volume) == was


@pytest.mark.parametrize("checkpoints", range(10))
def test_one_that_is_interrupted_anywhere_can_be_done_again(
    staging: Path, before: Path, volume: Path, checkpoints: int
) -> None:
    left = iter(range(checkpoints))

    def interrupt() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    was = tree(volume)
    merge(staging, volume, never)
    with pytest.raises(KeyboardInterrupt):
        roll_back(staging, before, volume, interrupt)
    roll_back(staging, before, volume, never)
    assert tree(volume) == was


def test_files_not_in_the_archive_are_kept_as_the_application_left_them(
    staging: Path, before: Path, volume: Path
) -> None:
    merge(staging, volume, never)
    (volume / "other").write_bytes(b"written meanwhile")
    (volume / "d" / "made").write_bytes(b"made meanwhile")
    roll_back(staging, before, volume, never)
    assert (volume / "other").read_bytes() == b"written meanwhile"
    assert (volume / "d" / "made").read_bytes() == b"made meanwhile"


def test_a_file_that_was_never_replaced_is_not_either_now(staging: Path, volume: Path) -> None:
    was, inode = tree(volume), (volume / "d/old").stat().st_ino
    roll_back(staging, volume, volume, never)
    assert (volume / "d/old").stat().st_ino == inode
    assert {**tree(volume), ".": was["."]} == was


def test_no_link_is_followed(staging: Path, before: Path, volume: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "old").write_bytes(b"outside")
    merge(staging, volume, never)
    shutil.rmtree(volume / "d")
    (volume / "d").symlink_to(outside)
    roll_back(staging, before, volume, never)
    assert [path.name for path in outside.iterdir()] == ["old"]
    assert (outside / "old").read_bytes() == b"outside"
    assert stat.S_ISLNK((volume / "d").lstat().st_mode)

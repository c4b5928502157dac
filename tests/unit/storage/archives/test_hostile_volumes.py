"""Volumes whose programs wait for uploads: nothing outside is touched, and every way forward and back ends."""

import os
from pathlib import Path

import pytest

from tests.support.stopping import never
from tests.support.trees import tree
from townos.errors import Conflict
from townos.posix.files import opened_directory
from townos.posix.removal import remove
from townos.storage.archives.merging import merge, roll_back

DEPTH = 1_100  # beyond what Python calls within one another, and what one process may have open
SPARSE_BYTES = 2**28  # a copy of the hole itself would take that much memory


def dig(directory: Path) -> None:
    """Make levels deep, deeper than any path may be long."""
    directory.mkdir()
    descriptor = os.open(directory, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("deep", dir_fd=descriptor)
        below = os.open("deep", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    (tmp_path / "volume").mkdir()
    return tmp_path / "volume"


@pytest.fixture
def before(tmp_path: Path) -> Path:
    (tmp_path / "before").mkdir()
    return tmp_path / "before"


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "file").write_bytes(b"uploaded")
    return tmp_path / "staging"


def test_a_deep_tree_in_the_place_of_a_staging_directory_hinders_no_upload(staging: Path, volume: Path) -> None:
    dig(volume / ".town-os-upload-0123")
    merge(staging, volume, never)
    assert list(volume.iterdir()) == [volume / "file"]


def test_a_deep_tree_in_place_of_an_upload_does_not_stop_the_rollback(
    staging: Path, before: Path, volume: Path
) -> None:
    dig(volume / "file")
    roll_back(staging, before, volume, never)
    assert list(volume.iterdir()) == []


def test_a_deep_tree_beside_a_file_with_two_names_hinders_no_rollback(
    staging: Path, before: Path, volume: Path
) -> None:
    (before / "file").write_bytes(b"two names")
    (before / "other").hardlink_to(before / "file")
    dig(before / "aside")
    roll_back(staging, before, volume, never)
    assert (volume / "file").read_bytes() == b"two names"
    with opened_directory(before) as directory:
        remove(directory, "aside", never)  # pytest cannot


def test_a_file_that_is_one_huge_hole_comes_back_at_once(staging: Path, before: Path, volume: Path) -> None:
    with (before / "file").open("wb") as file:
        file.write(b"begin")
        file.truncate(SPARSE_BYTES)
    roll_back(staging, before, volume, never)
    brought = (volume / "file").stat()
    assert (brought.st_size, brought.st_blocks) == (SPARSE_BYTES, (before / "file").stat().st_blocks)
    with (volume / "file").open("rb") as file:
        assert file.read(6) == b"begin\0"


def test_no_link_in_the_place_of_a_pipe_that_comes_back_is_followed(
    staging: Path, before: Path, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(before / "file")
    (before / "file").chmod(0o6777)
    outside = tmp_path / "outside"
    outside.write_bytes(b"of the host")
    was = tree(tmp_path)["outside"]
    make = os.mknod

    def make_and_be_late(path: str, *arguments: object, dir_fd: int, **options: object) -> None:
        """Let the volume's program put a link to the place of what was just made."""
        make(path, *arguments, dir_fd=dir_fd, **options)  # type: ignore[arg-type]
        os.unlink(path, dir_fd=dir_fd)
        os.symlink(outside, path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "mknod", make_and_be_late)
    with pytest.raises(Conflict):
        roll_back(staging, before, volume, never)
    assert tree(tmp_path)["outside"] == was

"""Trees that programs have made are deleted, however they are."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stopping import never
from townos.posix.files import opened_directory
from townos.posix.removal import remove


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    with opened_directory(tmp_path) as descriptor:
        yield descriptor


def test_the_removal_of_a_missing_path_does_nothing(directory: int) -> None:
    remove(directory, "gone", never)


def test_a_tree_deeper_than_python_calls_is_deleted(directory: int) -> None:
    descriptor = os.dup(directory)
    for _ in range(1_100):
        os.mkdir("deep", dir_fd=descriptor)
        below = os.open("deep", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    remove(directory, "deep", never)
    assert os.listdir(directory) == []


def test_no_link_is_followed(directory: int, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "precious").touch()
    (tmp_path / "tree" / "inside").mkdir(parents=True)
    (tmp_path / "tree" / "link").symlink_to(outside)
    (tmp_path / "tree" / "inside" / "link").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    for name in ("tree", "link"):
        remove(directory, name, never)
    assert os.listdir(directory) == []
    assert (outside / "precious").exists()


def test_a_file_is_deleted(directory: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remove(directory, "file", never)
    assert os.listdir(directory) == []


def test_a_removal_can_be_stopped_and_repeated(directory: int, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    calls = iter(range(5))

    def stop() -> None:
        if next(calls, None) is None:
            raise Stopped

    for name in range(4):
        (tmp_path / "tree" / str(name) / "a").mkdir(parents=True)
    with pytest.raises(Stopped):
        remove(directory, "tree", stop)
    remove(directory, "tree", never)
    assert os.listdir(directory) == []

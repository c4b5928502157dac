"""Putting what was unpacked into a volume: all of it or nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.stopping import never
from tests.support.trees import tree
from townos.errors import Conflict, NoSpace
from townos.storage.archives import merging, placing
from townos.storage.archives.merging import merge


class Stopped(Exception):
    pass


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    (path / "d" / "below").mkdir(parents=True)
    (path / "d" / "below" / "new").write_bytes(b"new")
    (path / "d" / "old").write_bytes(b"replaced")
    (path / "d" / "again").hardlink_to(path / "d" / "old")
    (path / "link").symlink_to("d/old")
    (path / "fresh").mkdir(mode=0o751)
    (path / "fresh" / "run").write_bytes(b"#!")
    (path / "fresh" / "run").chmod(0o755)
    os.utime(path / "fresh" / "run", (5, 1_234_567_890))
    return path


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    path = tmp_path / "volume"
    (path / "d").mkdir(parents=True)
    (path / "d").chmod(0o700)
    (path / "d" / "old").write_bytes(b"old")
    (path / "kept").write_bytes(b"kept")
    (path / "link").symlink_to("/etc/passwd")
    return path


def held(root: Path) -> dict[str, object]:
    return {str(path.relative_to(root)): content(path) for path in root.rglob("*")}


def content(path: Path) -> object:
    if path.is_symlink():
        return path.readlink()
    return path.read_bytes() if path.is_file() else path.stat().st_mode & 0o7777


def test_new_files_are_added_and_existing_ones_replaced(staging: Path, volume: Path) -> None:
    merge(staging, volume, never)
    assert held(volume) == {
        "d": 0o700, "d/below": 0o755, "d/below/new": b"new", "d/old": b"replaced", "d/again": b"replaced",
        "fresh": 0o751, "fresh/run": b"#!", "kept": b"kept", "link": Path("d/old"),
    }  # fmt: skip
    assert (volume / "d/old").samefile(volume / "d/again")
    assert (volume / "fresh/run").stat().st_mtime == 1_234_567_890


@pytest.mark.conformance("ARC-03")
def test_a_merge_that_stops_anywhere_is_rolled_back(staging: Path, volume: Path) -> None:
    before, inode = tree(volume), (volume / "d/old").stat().st_ino
    for calls in range(100):
        left = calls

        def stop() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Stopped

        try:
            merge(staging, volume, stop)
        except Stopped:
            assert tree(volume) == before
            assert (volume / "d/old").stat().st_ino == inode
        else:
            assert calls > 10
            return
    pytest.fail("it never came to its end")


@pytest.mark.parametrize(
    "make",
    [lambda path: path.mkdir(), lambda path: path.symlink_to("/tmp"), lambda path: path.touch()],
    ids=["directory", "link", "file"],
)
def test_a_directory_never_replaces_anything_else_nor_the_other_way_round(
    make: Callable[[Path], None], staging: Path, volume: Path
) -> None:
    place = volume / "fresh"
    make(place)
    if place.is_dir() and not place.is_symlink():
        place = volume / "d" / "old"
        place.unlink()
        place.mkdir()
    before = tree(volume)
    with pytest.raises(Conflict) as refused:
        merge(staging, volume, never)
    assert refused.value.code == "archive.in_the_way"
    assert str(place.relative_to(volume)) in str(refused.value)
    assert tree(volume) == before


def test_a_link_in_the_volume_is_not_followed(staging: Path, volume: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(volume / "d")
    (volume / "d").symlink_to(outside)
    with pytest.raises(Conflict):
        merge(staging, volume, never)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(("code", "error"), [(28, NoSpace), (122, NoSpace), (20, Conflict)])
def test_a_full_volume_is_told_from_one_that_changed(
    code: int, error: type[Exception], staging: Path, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(code, "made up")

    monkeypatch.setattr(os, "copy_file_range", fail)
    before = tree(volume)
    with pytest.raises(error):
        merge(staging, volume, never)
    assert tree(volume) == before


def test_a_concurrent_change_ends_the_merge_and_is_not_lost(
    staging: Path, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(source: int, target: int, name: str) -> None:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=target))
        raise FileExistsError(17, "made meanwhile")

    monkeypatch.setattr(placing, "rename_if_free", taken)
    with pytest.raises(Conflict) as refused:
        merge(staging, volume, never)
    assert refused.value.code == "archive.volume_changed"
    assert (volume / "d/old").read_bytes() == b"old"


def test_leftovers_of_a_power_cut_are_removed_by_the_next_upload(staging: Path, volume: Path) -> None:
    (volume / f"{merging._PREFIX}1/deep").mkdir(parents=True)
    (volume / f"{merging._PREFIX}2").symlink_to("/etc")
    merge(staging, volume, never)
    assert not [path for path in volume.iterdir() if path.name.startswith(".")]

"""A directory is copied as it is, and nothing outside of it is read or written."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from townos.containers import copying
from townos.containers.copying import ImageCopy
from townos.errors import Foreign
from townos.images import ImageDirectory, ImageReference
from townos.posix.files import opened_directory

IMAGE = ImageReference("docker.io/town-os/site:latest")
DIRECTORY = ImageDirectory("/srv/site")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def copied(source: Path, target: Path, stop: Callable[[], None] = lambda: None) -> list[int]:
    """Copy, and return what was told of the bytes."""
    told: list[int] = []
    with opened_directory(source) as old, opened_directory(target) as new:
        ImageCopy(IMAGE, DIRECTORY, stop, told.append).run(old, new)
    return told


def test_files_and_directories_keep_content_mode_and_time(source: Path, target: Path) -> None:
    (source / "a" / "b").mkdir(parents=True)
    (source / "a" / "b" / "file").write_bytes(b"content")
    (source / "a" / "b" / "file").chmod(0o640)
    (source / "a").chmod(0o2750)
    os.utime(source / "a" / "b" / "file", ns=(1, 2_000_000_003))
    source.chmod(0o711)
    assert copied(source, target) == [7]
    made = (target / "a" / "b" / "file").stat()
    assert ((target / "a" / "b" / "file").read_bytes(), stat.S_IMODE(made.st_mode)) == (b"content", 0o640)
    assert made.st_mtime_ns == 2_000_000_003
    assert stat.S_IMODE((target / "a").stat().st_mode) == 0o2750
    assert stat.S_IMODE(target.stat().st_mode) == 0o711


@pytest.mark.parametrize("leads", ["/etc/passwd", "../../../etc/passwd", "nowhere", "a", "/"])
def test_symbolic_links_are_copied_and_not_followed(source: Path, target: Path, leads: str) -> None:
    (source / "link").symlink_to(leads)
    assert copied(source, target) == [0]
    assert (target / "link").readlink() == Path(leads)


def test_hard_links_stay_hard_links(source: Path, target: Path, tmp_path: Path) -> None:
    (source / "a").mkdir()
    (source / "a" / "first").write_bytes(b"x")
    os.link(source / "a" / "first", source / "second")
    os.link(source / "second", tmp_path / "outside")
    copied(source, target)
    assert (target / "a" / "first").stat().st_ino == (target / "second").stat().st_ino
    assert (target / "second").stat().st_nlink == 2


def test_bytes_are_told_now_and_then_and_at_the_end(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CONTAINER_COPY_CHUNK_BYTES", 10)
    for name in "abcd":
        (source / name).write_bytes(b"x" * 7)
    assert copied(source, target) == [14, 21, 28]


def test_no_file_runs_as_somebody_else_afterwards(source: Path, target: Path) -> None:
    (source / "program").write_bytes(b"#!/bin/sh\n")
    (source / "program").chmod(0o6755)
    copied(source, target)
    assert stat.S_IMODE((target / "program").stat().st_mode) == 0o755


def test_fifos_and_sockets_are_left_out(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(source / "fifo")
    monkeypatch.chdir(source)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        copied(source, target)
    assert list(target.iterdir()) == []


def test_names_that_are_not_utf_8_are_copied(source: Path, target: Path) -> None:
    (source / os.fsdecode(b"\xff\n")).write_bytes(b"x")
    copied(source, target)
    assert [os.fsencode(path.name) for path in target.iterdir()] == [b"\xff\n"]


def test_more_entries_than_allowed_are_refused(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "CONTAINER_COPY_MAX_ENTRIES", 3)
    for name in "abcd":
        (source / name).mkdir()
    with pytest.raises(Foreign, match="more than 3 files"):
        copied(source, target)


def test_directories_deeper_than_allowed_are_refused(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CONTAINER_COPY_DEPTH_MAX", 3)
    (source / "a/b/c").mkdir(parents=True)
    copied(source, target)
    (source / "a/b/c/d").mkdir()
    (target / "again").mkdir()
    with pytest.raises(Foreign, match="more than 3 levels deep"):
        copied(source, target / "again")


def test_a_copy_can_be_stopped_within_a_file(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        if (target / "file").exists():
            raise Enough

    monkeypatch.setattr(copying, "CONTAINER_COPY_CHUNK_BYTES", 10)
    (source / "file").write_bytes(b"x" * 100)
    with pytest.raises(Enough):
        copied(source, target, stop)
    assert (target / "file").stat().st_size == 10

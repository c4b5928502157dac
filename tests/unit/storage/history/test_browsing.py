"""What people see of a directory in a snapshot."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.stopping import never
from townos.errors import Invalid, NotFound, TownError
from townos.names import InnerPath
from townos.storage.history.browsing import Entry, EntryType, entries

MOMENT = datetime(2026, 11, 24, 18, 45, tzinfo=UTC)


def names(top: Path, path: str = "") -> list[str]:
    return [entry.name for entry in entries(top, InnerPath.parse(path) if path else None, never)]


def blamed(error: TownError) -> list[str]:
    return [field.name for field in error.fields]


def test_each_thing_is_told_with_its_kind_size_and_moment(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("hello")
    (tmp_path / "a").mkdir()
    (tmp_path / "c").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "d")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{os.open(tmp_path, os.O_RDONLY)}/e")
    for name in "abcde":
        os.utime(tmp_path / name, (MOMENT.timestamp(),) * 2, follow_symlinks=False)
    assert entries(tmp_path, None, never) == [
        Entry("a", EntryType.DIRECTORY, 0, MOMENT),
        Entry("b", EntryType.FILE, 5, MOMENT),
        Entry("c", EntryType.LINK, 0, MOMENT),
        Entry("d", EntryType.OTHER, 0, MOMENT),
        Entry("e", EntryType.OTHER, 0, MOMENT),
    ]


def test_directories_inside_are_reached_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "ä").touch()
    assert names(tmp_path, "a") == ["b"]
    assert names(tmp_path, "a/b") == ["ä"]


@pytest.mark.parametrize("path", ["link", "link/passwd", "a/up", "file", "file/x"])
def test_no_link_and_no_file_is_entered(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="is not a directory") as caught:
        names(tmp_path, path)
    assert blamed(caught.value) == ["path"]


def test_a_path_where_nothing_is_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match='the snapshot has no "gone/away"') as caught:
        names(tmp_path, "gone/away")
    assert blamed(caught.value) == ["path"]


@pytest.mark.parametrize("name", [b"a\xff", b"a\n", b"a\x1b[2J", "a\u2028".encode()])
def test_a_name_that_is_no_text_is_shown_without_harm_and_refused_in_words(tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).mkdir()
    (shown,) = names(tmp_path)
    assert shown.startswith("a\ufffd")
    assert shown.isprintable()
    shown.encode()
    with pytest.raises(Invalid, match="restore the directory that contains it") as caught:
        names(tmp_path, shown)
    assert blamed(caught.value) == ["path"]


@pytest.mark.parametrize("seconds", [-(10**11), 10**12])
def test_a_moment_that_no_calendar_has_does_not_stop_the_list(tmp_path: Path, seconds: int) -> None:
    (tmp_path / "file").touch()
    os.utime(tmp_path / "file", (seconds, seconds))
    assert names(tmp_path) == ["file"]


def test_a_directory_that_holds_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townos.storage.history.browsing.SNAPSHOT_ENTRIES_SHOWN_MAX", 3)
    for number in range(3):
        (tmp_path / str(number)).touch()
    assert len(names(tmp_path)) == 3
    (tmp_path / "3").touch()
    with pytest.raises(Invalid, match="more than 3 entries") as caught:
        names(tmp_path)
    assert blamed(caught.value) == ["path"]


def test_a_listing_can_be_stopped_at_any_entry(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    (tmp_path / "file").touch()
    with pytest.raises(Stopped):
        entries(tmp_path, None, stop)
